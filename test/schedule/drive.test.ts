import { describe, expect, test } from "vitest";
import { makeStageId } from "../../src/base/ids.ts";
import { allIndexes } from "../../src/plan/index-set.ts";
import type { TargetOutcome } from "../../src/schedule/driver.ts";
import type { RunEvent } from "../../src/schedule/run-event.ts";
import { numberBackend } from "./support/number-backend.ts";
import {
  checkedDriver,
  doneNumbers,
  jobOf,
  numbersOf,
  squaresAndSums,
  sum,
} from "./support/numbers.ts";
import { growingPlan, planOf, stageOf, targetOf } from "./support/stages.ts";

const squares = (count: number): number[] => Array.from({ length: count }, (_, i) => i * i);

describe("a driver on a backend whose chunks are numbers", () => {
  test("maps and then sums in a tree", async () => {
    const driver = checkedDriver(numberBackend(squaresAndSums));
    const plan = planOf(
      [
        stageOf({ id: 1, count: 100 }),
        stageOf({ id: 2, count: 13, reads: [[1, { kind: "group", size: 8 }]] }),
        stageOf({ id: 3, count: 2, reads: [[2, { kind: "group", size: 8 }]] }),
        stageOf({ id: 4, count: 1, reads: [[3, { kind: "all" }]] }),
      ],
      [[4]],
    );
    // Sum of squares below n: (n−1)·n·(2n−1)/6.
    expect(await doneNumbers(driver.submit(jobOf(plan)))).toEqual([(99 * 100 * 199) / 6]);
    await driver.close();
  });

  test("runs only what the targets need", async () => {
    const ran = new Set<string>();
    const backend = numberBackend((task, inputs, invocation) => {
      ran.add(`${invocation.stage.label}:${task.index}`);
      return squaresAndSums(task, inputs, invocation);
    });
    const driver = checkedDriver(backend);
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

  test("follows a graph stage that reads itself, whatever the order of its indexes", async () => {
    const driver = checkedDriver(numberBackend((task, inputs) => task.index + sum(inputs.flat())));
    // 2 reads 0 and 3; 1 reads 2 twice; 0 and 3 read nothing.
    const mapping = {
      kind: "csr",
      offsets: Uint32Array.of(0, 0, 2, 4, 4),
      targets: Uint32Array.of(2, 2, 0, 3),
    } as const;
    const plan = planOf(
      [stageOf({ id: 1, count: 4, kind: "graph", reads: [[1, mapping]] })],
      [[1]],
    );
    expect(await doneNumbers(driver.submit(jobOf(plan)))).toEqual([0, 1 + 5 + 5, 2 + 0 + 3, 3]);
    await driver.close();
  });

  test("opens an exchange to a consumer when every producer it reads is done, and not before", async () => {
    const finished = new Set<number>();
    const seen: number[][] = [];
    const backend = numberBackend((task, inputs, { stage }) => {
      if (stage.label === "stage-1") {
        finished.add(task.index);
        return task.index;
      }
      seen.push([...finished]);
      return sum(inputs.flat());
    });
    const driver = checkedDriver(backend);
    const plan = planOf(
      [
        stageOf({ id: 1, count: 6, kind: "exchange", options: { store: false } }),
        // Two groups of three producers: consumer i reads those of group i mod 2.
        stageOf({ id: 2, count: 4, reads: [[1, { kind: "all" }]] }),
      ],
      [[2]],
    );
    expect(await doneNumbers(driver.submit(jobOf(plan)))).toEqual([15, 15, 15, 15]);
    for (const producers of seen) expect(producers).toHaveLength(6);
    await driver.close();
  });

  test("shares an equal stage between two jobs: its tasks run once", async () => {
    const runs = new Map<number, number>();
    const backend = numberBackend((task, inputs, invocation) => {
      if (inputs.length === 0) runs.set(task.index, (runs.get(task.index) ?? 0) + 1);
      return squaresAndSums(task, inputs, invocation);
    });
    const driver = checkedDriver(backend);
    const first = driver.submit(jobOf(planOf([stageOf({ id: 1, count: 20 })], [[1]])));
    // The same work under another id: it was planned before the first was submitted.
    const again = { ...stageOf({ id: 1, count: 20 }), id: makeStageId(7) };
    const reader = stageOf({ id: 8, count: 1, reads: [[7, { kind: "all" }]] });
    const second = driver.submit(jobOf(planOf([again, reader], [[7], [8]])));
    expect(await doneNumbers(first)).toEqual(squares(20));
    expect(await doneNumbers(second)).toEqual(squares(20));
    expect(await doneNumbers(second, 1)).toEqual([(19 * 20 * 39) / 6]);
    expect([...runs.values()]).toEqual(new Array(20).fill(1));
    await driver.close();
  });

  test("grows the plan by the manifest of a finished stage", async () => {
    const driver = checkedDriver(numberBackend(squaresAndSums));
    const first = {
      stages: [stageOf({ id: 1, count: 5 })],
      targets: [],
      watched: [makeStageId(1)],
    };
    const plan = growingPlan(first, 1, () => ({
      stages: [stageOf({ id: 2, count: 1, reads: [[1, { kind: "all" }]] })],
      targets: [targetOf([2, allIndexes], 0)],
      watched: [],
    }));
    expect(await doneNumbers(driver.submit(jobOf(plan)))).toEqual([30]);
    await driver.close();
  });

  test("says what a refused expansion threw", async () => {
    const driver = checkedDriver(numberBackend(squaresAndSums));
    const first = {
      stages: [stageOf({ id: 1, count: 2 })],
      targets: [],
      watched: [makeStageId(1)],
    };
    const plan = growingPlan(first, 1, () => {
      throw new RangeError("it does not fit");
    });
    const [outcome] = await driver.submit(jobOf(plan)).outcomes;
    expect(outcome).toEqual({ kind: "refused", error: new RangeError("it does not fit") });
    await driver.close();
  });

  test("tells each chunk as it finishes, and watchers the counts", async () => {
    const driver = checkedDriver(numberBackend(squaresAndSums));
    const events: RunEvent[] = [];
    driver.onEvent((event) => events.push(event));
    const told: number[] = [];
    const handle = driver.submit(
      jobOf(planOf([stageOf({ id: 1, count: 50 })], [[1]]), {
        onChunk: (_, chunk) => told.push(...numbersOf([chunk])),
      }),
    );
    await handle.outcomes;
    expect(told.sort((a, b) => a - b)).toEqual(squares(50));
    const done = events.flatMap((event) => (event.kind === "tasks-done" ? [event.count] : []));
    expect(sum(done)).toBe(50);
    expect(events.at(0)?.kind).toBe("run-started");
    expect(events.map(({ kind }) => kind)).toContain("stage-finished");
    expect(events.filter(({ kind }) => kind === "run-finished")).toHaveLength(1);
    await driver.close();
  });

  test("takes jobs that are submitted, cancelled and released while it tells of others", async () => {
    const driver = checkedDriver(numberBackend(squaresAndSums));
    const later: Promise<number[]>[] = [];
    const ended: Promise<readonly TargetOutcome[]>[] = [];
    const handle = driver.submit(
      jobOf(planOf([stageOf({ id: 1, count: 3 })], [[1]]), {
        onChunk: (_, { index }) => {
          const plan = planOf([stageOf({ id: 10 + index, count: 2 })], [[10 + index]]);
          later.push(doneNumbers(driver.submit(jobOf(plan))));
          const dropped = driver.submit(
            jobOf(planOf([stageOf({ id: 20 + index, count: 2 })], [[20 + index]])),
          );
          dropped.cancel();
          dropped.release();
          ended.push(dropped.outcomes);
        },
      }),
    );
    expect(await doneNumbers(handle)).toEqual([0, 1, 4]);
    expect(await Promise.all(later)).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
    expect((await Promise.all(ended)).flat().map(({ kind }) => kind)).toEqual(
      new Array(3).fill("cancelled"),
    );
    await driver.close();
  });
});
