// Work that lasts until it has been seen, with a line of the program and one of a task in between.
import { existsSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fromSequence } from "../../../src/bag.ts";
import { annotate, connect } from "../../../src/index.ts";

const [store = "", steps = ""] = process.argv.slice(2);
/** Waits until somebody who sees the screen has made the file `step`. */
const allowed = async (step: string): Promise<void> => {
  while (!existsSync(path.join(steps, step))) await pause(5);
};
await using _client = await connect({ processes: 2, store });
void allowed("program").then(() => console.log("a line of the program"));
// Tasks with a deadline are sent alone: in a batch, the last one would hold back what the others have given.
const squares = annotate({ timeoutMs: 60_000 }, () =>
  fromSequence(
    Array.from({ length: 8 }, (_, i) => i),
    { partitions: 8 },
  ).map(async (n) => {
    if (n === 7) {
      await allowed("task");
      console.log("a line of a task");
      await allowed("end");
    }
    return n * n;
  }),
);
console.log(`sum ${(await squares.compute()).reduce((a, b) => a + b, 0)}`);
