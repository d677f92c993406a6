import { appendFileSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fromSequence } from "../../../src/bag.ts";
import { logFile, sharedClient } from "../../client/support.ts";

sharedClient({ inline: true });
const log = logFile();

test.each([1, 2, 5])(
  "calls of accumulate: twice per record, once for those of the last of %i partitions",
  async (partitions) => {
    const bag = fromSequence(
      Array.from({ length: 40 }, (_, i) => i),
      { partitions },
    );
    const file = log.path;
    const running = bag.accumulate((total, n) => {
      appendFileSync(file, ".");
      return total + n;
    }, 0);
    expect((await running.compute()).at(-1)).toBe(780); // 39 × 40 / 2
    expect(readFileSync(file, "utf8").length).toBe(40 + 40 - 40 / partitions);
  },
);
