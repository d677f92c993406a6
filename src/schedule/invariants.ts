import { indexesPerBlock } from "../backend/chunk-key.ts";
import { LambdaskError } from "../base/errors.ts";
import { forEachIndex } from "../plan/index-set.ts";
import { forEachDependent } from "../plan/mapping-dependents.ts";
import { forEachInput } from "../plan/mapping-inputs.ts";
import { gateOfConsumer } from "./gates.ts";
import { needOf } from "./loose.ts";
import { freeSlots } from "./pick.ts";
import { readyCount } from "./ready-list.ts";
import type { InvocationState, ScheduleState, SlotState, StageState } from "./state.ts";
import {
  checking,
  done,
  failed,
  isUnfinished,
  mending,
  orphaned,
  pausing,
  ready,
  running,
  taskStateNames,
  waiting,
} from "./task-state.ts";
import { isWanted } from "./unwanted.ts";

/**
 * Checks the numbered invariants of the machine between two steps; throws a BUG error that names the one that is
 * broken. Costs as much as there are tasks.
 *
 * 1. A stage's counters of finished and unfinished tasks are right.
 * 2. Exactly the ready tasks stand in the ready sets, and a stage that has some is listed.
 * 3. A waiting or ready task's counter is the number of its inputs and gates that are not done; it is ready at 0.
 * 4. A gate's counter is the number of its chunks that are not done.
 * 5. What a waiting task waits for is itself unfinished: nothing waits for what nobody will make.
 * 6. A running or orphaned task has an invocation that has not answered for it, and nothing else is running.
 * 7. A pausing task has a pause, and somebody will wake the machine for it.
 * 8. A target's counter is the number of its indexes that have not ended.
 * 9. No worker is idle while a task is ready.
 * 10. A failed task has its failure, and nothing waits for it.
 * 11. A job has ended when all its targets have, and only then.
 * 12. A task that is being looked for has its listing under way.
 * 13. Somebody wants every unfinished task, unless its chunk is just being moved aside.
 * 14. A stage's readers with unfinished tasks are counted, and hear of its chunks.
 * 15. A chunk that a holder has let go of and that is still here is needed by somebody, as long as jobs use its stage.
 */
export function checkRun(state: ScheduleState): void {
  for (const stage of state.stages.values()) {
    checkCounters(stage);
    checkReady(stage);
    for (const slot of stage.slots) checkGates(slot);
    checkTasks(stage);
    checkTargets(stage);
    checkReaders(stage);
    checkLoose(stage);
  }
  checkInvocations(state);
  checkPauses(state);
  checkJobs(state);
  const idle = freeSlots(state) > 0 && state.readyStages.some((stage) => readyCount(stage) > 0);
  hold(!idle, 9, () => "a worker is idle while tasks are ready");
}

/** What is wrong is only put into words when something is: this runs at every step of a simulation. */
function hold(condition: boolean, number: number, what: () => string): void {
  if (!condition) broken(number, what());
}

function broken(number: number, what: string): never {
  throw new LambdaskError("BUG", { message: `internal: invariant ${number} is broken: ${what}` });
}

function told(stage: StageState, index: number): string {
  const state = taskStateNames[stage.states[index] ?? 0];
  return `${stage.stage.label}[${index}] of stage ${stage.stage.id}, ${state}`;
}

function checkCounters(stage: StageState): void {
  let unfinished = 0;
  let finished = 0;
  for (const state of stage.states) {
    if (isUnfinished(state)) unfinished++;
    if (state === done) finished++;
  }
  const { id } = stage.stage;
  if (unfinished === stage.unfinished && finished === stage.finished) return;
  const counted = `${stage.unfinished} and ${stage.finished}`;
  broken(1, `stage ${id} counts ${counted}, has ${unfinished} and ${finished}`);
}

function checkReady(stage: StageState): void {
  let count = 0;
  for (let index = 0; index < stage.states.length; index++) {
    if (stage.states[index] !== ready) continue;
    count++;
    if (!inReadySet(stage, index)) broken(2, `${told(stage, index)} is not in the ready set`);
  }
  hold(count === readyCount(stage), 2, () => `stage ${stage.stage.id} has ${count} ready tasks`);
  hold(count === 0 || stage.listed, 2, () => `stage ${stage.stage.id} is not listed`);
}

function inReadySet(stage: StageState, index: number): boolean {
  return stage.ready.has(index) || stage.suspects?.has(index) === true;
}

function checkGates(slot: SlotState): void {
  const { gates, producer, consumer } = slot;
  if (gates === undefined) return;
  const seen = new Set<number>();
  for (let index = 0; index < consumer.stage.count; index++) {
    const gate = gateOfConsumer(slot.mapping, index);
    const counted = gates[gate] ?? -1;
    if (counted < 0 || seen.has(gate)) continue;
    seen.add(gate);
    const missing = missingOf(slot, index);
    if (counted === missing) continue;
    broken(4, `gate ${gate} of stage ${producer.stage.id}: ${counted}, not ${missing}`);
  }
}

function missingOf(slot: SlotState, index: number): number {
  let missing = 0;
  forEachInput(slot.mapping, index, slot.producer.stage.count, (producer) => {
    if (slot.producer.states[producer] !== done) missing++;
  });
  return missing;
}

function checkTasks(stage: StageState): void {
  for (let index = 0; index < stage.states.length; index++) {
    const state = stage.states[index];
    if (state === waiting || state === ready) checkInputs(stage, index);
    if (state === failed) {
      if (!stage.failures.has(index)) broken(10, `${told(stage, index)} has no failure`);
    }
    if (state === checking) {
      const listing = stage.listing.has(Math.floor(index / indexesPerBlock));
      if (!listing) broken(12, `${told(stage, index)} has no listing`);
    }
    if (isUnfinished(state ?? 0) && state !== mending && !isWanted(stage, index)) {
      broken(13, `nobody wants ${told(stage, index)}`);
    }
  }
}

function checkReaders(stage: StageState): void {
  let busy = 0;
  for (const slot of stage.readers) {
    const { consumer } = slot;
    if (consumer.unfinished === 0) continue;
    if (consumer !== stage) busy++;
    for (let index = 0; index < stage.stage.count; index++) {
      const hears = [...stage.listeners.of(index)].includes(slot);
      if (hears || !isRead(slot, index)) continue;
      broken(14, `${consumer.stage.label} does not hear of ${told(stage, index)}`);
    }
  }
  hold(busy === stage.busyReaders, 14, () => {
    return `stage ${stage.stage.id} counts ${stage.busyReaders} busy readers, has ${busy}`;
  });
}

function checkLoose(stage: StageState): void {
  for (const index of stage.loose) {
    const isHere = stage.states[index] === done && stage.jobs.size > 0;
    hold(
      !isHere || needOf(stage, index) !== "none",
      15,
      () => `nobody needs ${told(stage, index)}`,
    );
  }
}

function isRead({ mapping, producer, consumer }: SlotState, index: number): boolean {
  let read = false;
  const counts = { producerCount: producer.stage.count, consumerCount: consumer.stage.count };
  forEachDependent(mapping, index, counts, () => {
    read = true;
  });
  return read;
}

function checkInputs(stage: StageState, index: number): void {
  let missing = 0;
  for (const slot of stage.slots) {
    const here = missingOf(slot, index);
    missing += slot.gates === undefined ? here : Math.min(1, here);
    forEachInput(slot.mapping, index, slot.producer.stage.count, (input) => {
      const state = slot.producer.states[input] ?? 0;
      if (state === done || isUnfinished(state)) return;
      const number = state === failed ? 10 : 5;
      broken(number, `${told(stage, index)} waits for ${told(slot.producer, input)}`);
    });
  }
  const counted = stage.missing[index];
  const isReady = stage.states[index] === ready;
  if (counted === missing && isReady === (missing === 0)) return;
  broken(3, `${told(stage, index)} misses ${missing}, counts ${counted}`);
}

function checkTargets(stage: StageState): void {
  for (const target of stage.targets) {
    if (target.ended) continue;
    let remaining = 0;
    forEachIndex(target.indexes, stage.stage.count, (index) => {
      if (stage.states[index] === done || target.released.has(index)) return;
      if (!target.without.has(index)) remaining++;
    });
    const { job, position } = target;
    if (remaining === target.remaining) continue;
    broken(8, `target ${position} of job ${job.id}: ${remaining}, counts ${target.remaining}`);
  }
}

function checkInvocations(state: ScheduleState): void {
  const covered = new Map<StageState, Set<number>>();
  const perStage = new Map<StageState, number>();
  for (const invocation of state.invocations.values()) {
    const { stage } = invocation;
    perStage.set(stage, (perStage.get(stage) ?? 0) + 1);
    const tasks = covered.get(stage) ?? new Set();
    covered.set(stage, tasks);
    checkInvocation(invocation, tasks);
  }
  for (const stage of state.stages.values()) {
    const invocations = perStage.get(stage) ?? 0;
    hold(
      invocations === stage.invocations,
      6,
      () => `stage ${stage.stage.id} counts its invocations`,
    );
    for (let index = 0; index < stage.states.length; index++) {
      const task = stage.states[index];
      if (task !== running && task !== orphaned) continue;
      const known = covered.get(stage)?.has(index) === true;
      if (!known) broken(6, `${told(stage, index)} has no invocation`);
    }
  }
}

function checkInvocation(invocation: InvocationState, tasks: Set<number>): void {
  let unanswered = 0;
  for (const [at, index] of invocation.indexes.entries()) {
    if (invocation.answered[at] === 1) continue;
    unanswered++;
    tasks.add(index);
  }
  if (unanswered === invocation.unanswered) return;
  broken(6, `invocation ${invocation.id} has ${unanswered} unanswered tasks`);
}

function checkPauses(state: ScheduleState): void {
  const paused = new Map<StageState, Set<number>>();
  for (const { stage, indexes, untilMs } of state.pauses) {
    hold(state.wakeAtMs <= untilMs, 7, () => `nobody wakes the machine at ${untilMs}`);
    const known = paused.get(stage) ?? new Set();
    paused.set(stage, known);
    for (const index of indexes) known.add(index);
  }
  for (const stage of state.stages.values()) {
    for (let index = 0; index < stage.states.length; index++) {
      if (stage.states[index] !== pausing) continue;
      const known = paused.get(stage)?.has(index) === true;
      if (!known) broken(7, `${told(stage, index)} has no pause`);
    }
  }
}

function checkJobs(state: ScheduleState): void {
  for (const job of state.jobs.values()) {
    const allEnded = job.endedPositions.size === job.targetCount;
    hold(!job.ended || allEnded, 11, () => `job ${job.id} ended before its targets`);
    const begun = job.targetCount > 0;
    hold(job.ended || !allEnded || !begun, 11, () => `job ${job.id} goes on after its targets`);
  }
}
