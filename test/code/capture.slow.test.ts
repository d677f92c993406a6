import { expect, test } from "vitest";
import { ProgramFolder } from "./support/programs.ts";

test("25,000 captures leave the heap and the process as large as they were", async () => {
  await using folder = await ProgramFolder.make();
  await folder.write({
    "main.ts": `import { capture } from "#src/code/capture.ts";
const table = { rows: Array.from({ length: 20 }, (_, n) => ({ n })) };
const helper = (x: number) => table.rows[x];
const sizes = (captures: number) => {
  for (let i = 0; i < captures; i++) capture((x: number) => [helper(x), x + i]);
  gc?.();
  gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { heapUsed, rss };
};
// As many as later: what V8 and the allocator take once for so much work is theirs, on a busy machine up to 30 MB.
const before = sizes(25_000);
// What is kept stays in every later look; what V8 had in hand for a while does not.
const later = [25_000, 500, 500, 500].map(sizes);
const least = (of: "heapUsed" | "rss") => Math.min(...later.map((size) => size[of])) - before[of];
console.log(JSON.stringify([least("heapUsed"), least("rss")]));
`,
  });
  // A small nursery, so that the process grows by what is kept and not by what V8 has in reserve.
  const flags = ["--expose-gc", "--max-semi-space-size=1"];
  const grown = (await folder.run("main.ts", flags)) as number[];
  // Unless what the inspector holds is released, each capture keeps about 2 kB: 50 MB.
  expect(grown[0]).toBeLessThan(5_000_000);
  expect(grown[1]).toBeLessThan(30_000_000);
});
