import type { Failure } from "../../../src/backend/failure.ts";
import type { TaskResult, TaskSpec } from "../../../src/backend/task.ts";
import { present } from "../../../src/base/assert.ts";
import type { StageId } from "../../../src/base/ids.ts";
import type { Effect } from "../../../src/schedule/effect.ts";
import type { ScheduleEvent } from "../../../src/schedule/event.ts";
import { newSchedule, step } from "../../../src/schedule/step.ts";
import { doneWith, failedWith } from "./number-backend.ts";
import { planOf, type StageWish, stageOf } from "./stages.ts";

/** Tasks that the machine wants run. */
export type Invoke = Extract<Effect, { kind: "invoke" }>;

/** The machine itself, by hand. */
export class Machine {
  readonly #state = newSchedule({
    invocationOverheadMs: 1,
    invocationMsMax: Number.POSITIVE_INFINITY,
    payloadBytesMax: 1e6,
  });
  nowMs = 0;

  take(event: ScheduleEvent): Effect[] {
    return step(this.#state, event, { nowMs: this.nowMs, random: 0 });
  }

  /** All tasks of an invocation are done, or fail like this. */
  answer({ invocation, indexes, attempts }: Invoke, failure?: Failure): Effect[] {
    const results = indexes.map((index, i): TaskResult => {
      const task: TaskSpec = { index, attempt: attempts[i] ?? 1, inputs: [] };
      return failure === undefined ? doneWith(task, index) : failedWith(task, failure);
    });
    const outcome = { kind: "answered", worker: 0, results } as const;
    return this.take({ kind: "answered", invocation, outcome });
  }
}

/** The invocations among effects. */
export function invokes(effects: readonly Effect[]): Invoke[] {
  return effects.filter((effect) => effect.kind === "invoke");
}

/** A machine whose sixteen tasks are done but for the last one, which is slow and has a backup by now. */
export function withStraggler(options: StageWish["options"] = {}): {
  machine: Machine;
  stage: StageId;
  straggler: Invoke;
  backup: Invoke;
} {
  const machine = new Machine();
  const { first } = planOf([stageOf({ id: 1, count: 16, options })], [[1]]);
  const stage = present(first.stages[0], "the stage").id;
  machine.take({ kind: "slots", slots: 16 });
  const job = { job: 1, onError: "fail", lookForChunks: false, keep: "targets" } as const;
  machine.take({ kind: "job-added", ...job, targetCount: 1, endedInputs: new Map() });
  const fragment = { kind: "fragment-added", fragment: first, expanded: false } as const;
  machine.take({ ...fragment, job: 1, recalled: new Map() });
  const running = invokes(machine.take({ kind: "begun", job: 1 }));
  let straggler: Invoke | undefined;
  for (let next = running.shift(); next !== undefined; next = running.shift()) {
    if (next.indexes.includes(15)) straggler = next;
    else running.push(...invokes(machine.answer(next)));
  }
  machine.nowMs = 1e9;
  const [backup] = invokes(machine.take({ kind: "woken" }));
  return {
    machine,
    stage,
    straggler: present(straggler, "the straggler"),
    backup: present(backup, "a backup"),
  };
}
