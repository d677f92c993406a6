// One task in this process that takes as long as the argument says, in milliseconds.
import { setTimeout as pause } from "node:timers/promises";
import { connect, delayed } from "../../../src/index.ts";

const [ms = "0"] = process.argv.slice(2);
await using _client = await connect({ inline: true, progress: "plain" });
await delayed(async (time: number) => pause(time))(Number(ms)).compute();
