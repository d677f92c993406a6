import { beforeAll, expect, test } from "vitest";
import { installKernels } from "./program.ts";
import { runScenario } from "./scenario.ts";

beforeAll(installKernels);

test("whatever goes wrong, results are right and the invariants hold: seeds 1 to 60", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const { violation } = await runScenario({ seed });
    expect(violation, `seed ${seed}`).toBeUndefined();
  }
});

test("work that an expansion shares with a job that has gone meanwhile is planned again: seeds that found it", async () => {
  for (const seed of [239479534, 239482980, 239485237]) {
    const { violation } = await runScenario({ seed });
    expect(violation, `seed ${seed}`).toBeUndefined();
  }
});

test("what stands on a count that a failed task would have measured fails with it: the seed that found it", async () => {
  const { violation } = await runScenario({ seed: 239495410 });
  expect(violation).toBeUndefined();
});

test("what is made again for a reader that has ended meanwhile is let go: the seed that found it", async () => {
  const { violation } = await runScenario({ seed: 1300001717 });
  expect(violation).toBeUndefined();
});

test("a seed goes the same way each time", async () => {
  const traces: string[][] = [[], []];
  for (const lines of traces) {
    await runScenario({ seed: 1276, trace: (line) => lines.push(line) });
  }
  expect(traces[0]?.length).toBeGreaterThan(50);
  expect(traces[1]).toEqual(traces[0]);
});
