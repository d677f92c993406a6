import { indexesPerBlock } from "../backend/chunk-key.ts";
import { forEachInput } from "../plan/mapping-inputs.ts";
import type { EndedInputs, TaskFailure } from "./driver.ts";
import { failTask } from "./fail.ts";
import { gateOfConsumer } from "./gates.ts";
import { makeReady } from "./ready-list.ts";
import type { JobState, ScheduleState, SlotState, StageState } from "./state.ts";
import { TaskStack } from "./task-stack.ts";
import { checking, done, failed, idle, orphaned, running, waiting } from "./task-state.ts";
import { addUnfinished } from "./unfinished.ts";

/**
 * Asks for tasks and, backwards through the mappings, for what they read: nothing else ever runs. Keeps its own
 * stack, since a chain of calls may be a million long.
 */
export class Want {
  readonly #state: ScheduleState;
  readonly #job: JobState | undefined;
  readonly #asked = new TaskStack<StageState>();
  /** The producer whose chunks are being visited, and what was found. */
  #producer: StageState | undefined;
  #missing = 0;
  #doom: TaskFailure | undefined;
  /** `undefined` if there are none, as for nearly all jobs. */
  readonly #ended: EndedInputs | undefined;

  /** Failures older than `job` are tried again, but for those that it has taken as they are. */
  constructor(state: ScheduleState, job: JobState | undefined) {
    this.#state = state;
    this.#job = job;
    this.#ended = job !== undefined && job.endedInputs.size > 0 ? job.endedInputs : undefined;
  }

  /** Asks for a task, unless it is done or asked for already. */
  add(stage: StageState, index: number): void {
    this.#ask(stage, index);
    this.#drain();
  }

  /** Lets an unfinished task go on as its inputs allow: waiting, ready, or failed with an input that failed. */
  settle(stage: StageState, index: number): void {
    this.#settle(stage, index);
    this.#drain();
  }

  #drain(): void {
    for (let next = this.#asked.pop(); next !== undefined; next = this.#asked.pop()) {
      this.#ask(next.stage, next.index);
    }
  }

  #ask(stage: StageState, index: number): void {
    if (this.#endedAs(stage, index) !== undefined) return;
    switch (stage.states[index]) {
      case orphaned:
        stage.states[index] = running;
        addUnfinished(stage);
        return;
      case failed:
        if (this.#lastingFailure(stage, index) !== undefined) return;
        stage.failures.delete(index);
        stage.troubles.delete(index);
        break;
      case idle:
        break;
      default:
        return;
    }
    addUnfinished(stage);
    stage.dropped = false;
    // What is doomed must be known at once: whoever goes on after a listing does not know of this job's ended inputs.
    const looks = this.#job?.lookForChunks && this.#ended === undefined;
    if (looks || stage.stage.isStored) this.#check(stage, index);
    else this.#settle(stage, index);
  }

  #check(stage: StageState, index: number): void {
    stage.states[index] = checking;
    const block = Math.floor(index / indexesPerBlock);
    if (stage.listing.has(block)) return;
    stage.listing.add(block);
    this.#state.effects.push({ kind: "list", stage: stage.stage.id, block });
  }

  #settle(stage: StageState, index: number): void {
    this.#startCounting();
    for (const slot of stage.slots) {
      if (slot.gates === undefined) this.#visitInputs(slot, index, this.#count);
      else this.#visitGate(slot, slot.gates, index);
    }
    // Waiting even if it is doomed: that is the state from which a task fails with its input.
    stage.states[index] = waiting;
    stage.missing[index] = this.#missing;
    if (this.#doom !== undefined) failTask(this.#state, stage, index, this.#doom);
    else if (this.#missing === 0) makeReady(this.#state, stage, index);
  }

  #startCounting(): void {
    this.#missing = 0;
    this.#doom = undefined;
  }

  #visitGate(slot: SlotState, gates: Int32Array, index: number): void {
    const gate = gateOfConsumer(slot.mapping, index);
    if ((gates[gate] ?? -1) < 0) {
      const before = this.#missing;
      this.#visitInputs(slot, index, this.#count);
      gates[gate] = this.#missing - before;
      this.#missing = before;
      if (slot.gatesWanted) slot.gatesWanted[gate] = 1;
    } else if (slot.gatesWanted?.[gate] === 0) {
      const before = this.#missing;
      this.#visitInputs(slot, index, this.#count);
      this.#missing = before;
      slot.gatesWanted[gate] = 1;
    } else if (slot.producer.failures.size > 0) {
      this.#visitInputs(slot, index, this.#findDoom);
    }
    if ((gates[gate] ?? 0) > 0) this.#missing++;
  }

  #visitInputs(slot: SlotState, index: number, visit: (producer: number) => void): void {
    this.#producer = slot.producer;
    forEachInput(slot.mapping, index, slot.producer.stage.count, visit);
  }

  readonly #count = (index: number): void => {
    const stage = this.#producer;
    if (stage === undefined) return;
    const ended = this.#endedAs(stage, index);
    if (ended !== undefined) {
      this.#missing++;
      this.#doom ??= ended;
      return;
    }
    if (stage.states[index] === done) return;
    this.#missing++;
    if (stage.states[index] === failed) {
      const failure = this.#lastingFailure(stage, index);
      if (failure !== undefined) {
        this.#doom ??= failure;
        return;
      }
    }
    this.#asked.push(stage, index);
  };

  readonly #findDoom = (index: number): void => {
    const stage = this.#producer;
    if (stage?.states[index] !== failed) return;
    const failure = this.#lastingFailure(stage, index);
    if (failure === undefined) this.#asked.push(stage, index);
    else this.#doom ??= failure;
  };

  /** The failure of a chunk that this job takes as it ended. */
  #endedAs(stage: StageState, index: number): TaskFailure | undefined {
    return this.#ended?.get(stage.stage.id)?.get(index);
  }

  /** The failure of a failed task, unless this job came later and so tries it again. */
  #lastingFailure(stage: StageState, index: number): TaskFailure | undefined {
    const record = stage.failures.get(index);
    if (record === undefined) return undefined;
    return this.#job !== undefined && record.sequence < this.#job.sequence
      ? undefined
      : record.failure;
  }
}
