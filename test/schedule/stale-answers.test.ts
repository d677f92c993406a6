import { expect, test } from "vitest";
import { chunkKey } from "../../src/backend/chunk-key.ts";
import type { Failure } from "../../src/backend/failure.ts";
import type { TaskResult, TaskSpec } from "../../src/backend/task.ts";
import { present } from "../../src/base/assert.ts";
import type { Effect } from "../../src/schedule/effect.ts";
import type { ScheduleEvent } from "../../src/schedule/event.ts";
import { newSchedule, step } from "../../src/schedule/step.ts";
import { doneWith, failedWith } from "./support/number-backend.ts";
import { planOf, stageOf } from "./support/stages.ts";

type Invoke = Extract<Effect, { kind: "invoke" }>;

/** The machine itself, by hand. */
class Machine {
  readonly #state = newSchedule({
    invocationOverheadMs: 1,
    invocationMsMax: Number.POSITIVE_INFINITY,
    payloadBytesMax: 1e6,
  });
  nowMs = 0;
  readonly effects: Effect[] = [];

  take(event: ScheduleEvent): Effect[] {
    const effects = step(this.#state, event, { nowMs: this.nowMs, random: 0 });
    this.effects.push(...effects);
    return effects;
  }

  answer({ invocation, indexes, attempts }: Invoke, failure?: Failure): Effect[] {
    const results = indexes.map((index, i): TaskResult => {
      const task: TaskSpec = { index, attempt: attempts[i] ?? 1, inputs: [] };
      return failure === undefined ? doneWith(task, index) : failedWith(task, failure);
    });
    return this.take({
      kind: "answered",
      invocation,
      outcome: { kind: "answered", worker: 0, results },
    });
  }
}

function invokes(effects: readonly Effect[]): Invoke[] {
  return effects.filter((effect) => effect.kind === "invoke");
}

/** A machine whose task 15 was done by its backup and then lost: the first attempt and the new one still run. */
function withLeftOver(): { machine: Machine; leftOver: Invoke; remade: Invoke } {
  const machine = new Machine();
  const { first } = planOf([stageOf({ id: 1, count: 16, options: { store: true } })], [[1]]);
  const stage = present(first.stages[0], "the stage").id;
  machine.take({ kind: "slots", slots: 16 });
  const job = { job: 1, onError: "fail", lookForChunks: false, keep: "targets" } as const;
  machine.take({ kind: "job-added", ...job, targetCount: 1 });
  const fragment = { kind: "fragment-added", fragment: first, expanded: false } as const;
  machine.take({ ...fragment, job: 1, recalled: new Map() });
  const running = invokes(machine.take({ kind: "begun", job: 1 }));
  let leftOver: Invoke | undefined;
  for (let next = running.shift(); next !== undefined; next = running.shift()) {
    if (next.indexes.includes(15)) leftOver = next;
    else running.push(...invokes(machine.answer(next)));
  }
  machine.nowMs = 1e9;
  const [backup] = invokes(machine.take({ kind: "woken" }));
  machine.answer(present(backup, "a backup"));
  // Only the new attempt: what is left over is no straggler that somebody waits for.
  const again = invokes(machine.take({ kind: "unreadable", stage, index: 15, problem: "lost" }));
  expect(again).toHaveLength(1);
  return {
    machine,
    leftOver: present(leftOver, "the first attempt"),
    remade: present(again[0], "the new attempt"),
  };
}

test("a left-over attempt that finds its object corrupt does not stop the one that makes it again", () => {
  const { machine, leftOver, remade } = withLeftOver();
  const key = chunkKey(stageOf({ id: 1, count: 16 }).name, 15);
  const late = machine.answer(leftOver, { kind: "corrupt-input", key, detail: "cut" });
  expect(late.map(({ kind }) => kind)).not.toContain("quarantine");
  expect(invokes(late)).toEqual([]);
  expect(machine.answer(remade)).toContainEqual({
    kind: "recovered",
    stage: remade.stage,
    index: 15,
    failure: undefined,
  });
});

test("a left-over attempt's success is not that of the one that makes the chunk again", () => {
  const { machine, leftOver, remade } = withLeftOver();
  expect(machine.answer(leftOver).map(({ kind }) => kind)).not.toContain("recovered");
  expect(machine.answer(remade).map(({ kind }) => kind)).toContain("recovered");
});
