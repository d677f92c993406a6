// Trees of sums over arrays too large for replies, round after round, in step with another program on the same store.
import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { connect, delayed } from "../../../src/index.ts";

const [store = "", mine = "", other = "", end = ""] = process.argv.slice(2);
const leaves = 24;
const rounds = 8;
const length = 5000;

const leaf = delayed((i: number, round: number) => new Float64Array(length).fill(i * 1000 + round));
const sum = delayed((arrays: readonly Float64Array[]) => {
  const total = new Float64Array(arrays[0]?.length ?? 0);
  for (const array of arrays)
    for (const [at, x] of array.entries()) total[at] = (total[at] ?? 0) + x;
  return total;
});

/** Waits until the other program is there too. */
async function meet(round: number): Promise<void> {
  writeFileSync(`${mine}-${round}`, "");
  while (!existsSync(`${other}-${round}`)) await pause(1);
}

await using _client = await connect({ progress: "none", processes: 2, store });
const kept = await leaf(0, 0).persist();
for (let round = 0; round < rounds; round++) {
  let level = Array.from({ length: leaves }, (_, i) => leaf(i, round));
  while (level.length > 1) {
    const groups = Array.from({ length: Math.ceil(level.length / 3) }, (_, i) =>
      level.slice(i * 3, i * 3 + 3),
    );
    level = groups.map((group) => sum(group));
  }
  await meet(round);
  const total = (await level[0]?.compute()) ?? new Float64Array(0);
  const expected = ((leaves * (leaves - 1)) / 2) * 1000 + leaves * round;
  if (total.length !== length || total.some((x) => x !== expected)) {
    throw new Error(`round ${round}: ${total.length} items, ${total[0]}, not ${expected}`);
  }
}
if (end === "release") kept.release();
console.log(`${rounds} rounds`);
