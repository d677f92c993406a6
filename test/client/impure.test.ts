import { expect, test } from "vitest";
import { makeStageId } from "../../src/base/ids.ts";
import { nodeWorks } from "../../src/client/graph/node-works.ts";
import { mergeTargets } from "../../src/client/run-targets.ts";
import { nodeOf } from "../../src/code/lazy/node.ts";
import { delayed } from "../../src/index.ts";
import { planTargets } from "../../src/plan/planner.ts";

/** Per stage of the plan of `lazies`, whether it has effects in it. */
function effects(lazies: readonly unknown[], nonce: string): (boolean | undefined)[] {
  let stages = 0;
  const nodes = lazies.flatMap((lazy) => nodeOf(lazy) ?? []);
  const { first } = planTargets({
    targets: mergeTargets(nodeWorks(nodes, { nonce })),
    limits: { workerMemoryBytes: 2 ** 30, reservedMemoryBytes: 2 ** 26 },
    nextStageId: () => makeStageId(++stages),
    runNonce: "run",
  });
  return first.stages.map(({ options }) => options.impure);
}

test("stages of calls that say pure: false have effects; those of pure calls and futures have none", () => {
  const pure = delayed((n: number) => n);
  const impure = delayed((n: number) => n, { pure: false });
  expect(effects([pure(1)], "")).toEqual([false]);
  expect(effects([pure(1)], "session")).toEqual([false]);
  expect(effects([impure(1)], "")).toEqual([true]);
  expect(effects([impure(1)], "session")).toEqual([true]);
  expect(effects([pure(impure(1))], "")).toEqual([true]);
});
