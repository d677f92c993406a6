import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "../../../src/index.ts";

/** Adds 1 to the number in a file so many times, each time in steps that others must not come between. */
const [store = "", file = "", times = "0"] = process.argv.slice(2);
await using client = await connect({ inline: true, store, progress: "none" });
const lock = client.lock("count");
for (let i = 0; i < Number(times); i++) {
  await using lease = await lock.acquire();
  const before = Number(readFileSync(file, "utf8"));
  await new Promise((resolve) => setTimeout(resolve, 2));
  if (!lease.signal.aborted) writeFileSync(file, String(before + 1));
  await client.variable<number>("count").update((n = 0) => n + 1);
}
