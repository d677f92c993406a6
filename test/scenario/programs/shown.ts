// Work that lasts until it has been seen, with lines of the program and of a task in between.
import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fromSequence } from "../../../src/bag.ts";
import { connect } from "../../../src/index.ts";

const [store = "", go = ""] = process.argv.slice(2);
await using _client = await connect({ processes: 2, store });
setTimeout(() => console.log("a line of the program"), 700);
const squares = fromSequence(
  Array.from({ length: 8 }, (_, i) => i),
  { partitions: 8 },
).map(async (n) => {
  // The last part waits until somebody has seen how the others are shown.
  while (n === 7 && !existsSync(go)) await pause(5);
  if (n === 7) console.log("a line of a task");
  return n * n;
});
console.log(`sum ${(await squares.compute()).reduce((a, b) => a + b, 0)}`);
