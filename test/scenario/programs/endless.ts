// A task that does not end by itself, until the program is told to stop.
import { writeFileSync } from "node:fs";
import { connect, delayed } from "../../../src/index.ts";

const [store = "", started = ""] = process.argv.slice(2);
const endless = delayed(async () => {
  writeFileSync(started, "");
  await new Promise((resolve) => setTimeout(resolve, 1_000_000));
});
await using _client = await connect({ processes: 1, store, progress: "none" });
await endless().compute();
