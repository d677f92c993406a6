import { describe, expect, test } from "vitest";
import { makeRunId } from "../../src/base/ids.ts";
import type { CheckedPlan } from "../../src/plan/fragment.ts";
import { createDriver } from "../../src/schedule/drive.ts";
import type { FinishedChunk, Job, JobHandle } from "../../src/schedule/driver.ts";
import { type Answer, numberBackend, numberOf } from "./support/number-backend.ts";
import { planOf, stageOf } from "./support/stages.ts";

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Stage 1 gives squares of its indexes; every other stage sums what it reads. */
const squaresAndSums: Answer = (task, inputs) =>
  inputs.length === 0 ? task.index ** 2 : sum(inputs.flat());

function jobOf(plan: CheckedPlan, more: Partial<Job> = {}): Job {
  return {
    run: makeRunId("test"),
    name: "test",
    plan,
    lookForChunks: false,
    journal: false,
    keep: "none",
    onError: "fail",
    ...more,
  };
}

function numbers(chunks: readonly FinishedChunk[]): number[] {
  return chunks.map(({ ref }) => ("inline" in ref ? numberOf(ref.inline) : Number.NaN));
}

async function doneNumbers(handle: JobHandle, target = 0): Promise<number[]> {
  const outcome = (await handle.outcomes)[target];
  if (outcome?.kind !== "done") throw new Error(`target ended as ${JSON.stringify(outcome)}`);
  return numbers(outcome.chunks);
}

describe("a driver on a backend whose chunks are numbers", () => {
  test("maps and then sums in a tree", async () => {
    const backend = numberBackend(squaresAndSums);
    const driver = createDriver({
      backend,
      readSummary: async () => undefined,
      checkInvariants: true,
    });
    const plan = planOf(
      [
        stageOf({ id: 1, count: 100 }),
        stageOf({ id: 2, count: 13, reads: [[1, { kind: "group", size: 8 }]] }),
        stageOf({ id: 3, count: 2, reads: [[2, { kind: "group", size: 8 }]] }),
        stageOf({ id: 4, count: 1, reads: [[3, { kind: "all" }]] }),
      ],
      [[4]],
    );
    let expected = 0;
    for (let i = 0; i < 100; i++) expected += i * i;
    expect(await doneNumbers(driver.submit(jobOf(plan)))).toEqual([expected]);
    await driver.close();
  });

  test("runs only what the targets need", async () => {
    const ran = new Set<string>();
    const backend = numberBackend((task, inputs, { stage }) => {
      ran.add(`${stage.label}:${task.index}`);
      return squaresAndSums(task, inputs, undefined as never);
    });
    const driver = createDriver({
      backend,
      readSummary: async () => undefined,
      checkInvariants: true,
    });
    const plan = planOf(
      [
        stageOf({ id: 1, count: 10 }),
        stageOf({ id: 2, count: 5, reads: [[1, { kind: "group", size: 2 }]] }),
      ],
      [[2, { kind: "range", start: 3, end: 4 }]],
    );
    expect(await doneNumbers(driver.submit(jobOf(plan)))).toEqual([36 + 49]);
    expect([...ran].sort()).toEqual(["stage-1:6", "stage-1:7", "stage-2:3"]);
    await driver.close();
  });
});
