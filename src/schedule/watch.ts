import type { Clock } from "../backend/clock.ts";
import type { RunId, StageId } from "../base/ids.ts";
import type { Stage } from "../plan/stage.ts";
import type { Effect } from "./effect.ts";
import type { RunEvent } from "./run-event.ts";
import type { ScheduleState, StageState } from "./state.ts";

/** A run event without the time, which is the same for all. */
type Untimed<E> = E extends RunEvent ? Omit<E, "atMs"> : never;
type ToldEffect = Extract<Effect, { kind: "retried" | "failed" | "stage-finished" }>;

/** Where watchers' facts come from. */
export interface WatchSources {
  readonly clock: Clock;
  readonly state: ScheduleState;
  /** The run whose watchers see a stage: that of the first job that uses it. */
  runOf(stage: StageId): RunId | undefined;
  /** Bytes of the stage's chunks in all. */
  bytesOf(stage: StageId): number;
}

/** Tells watchers what happens; costs nothing while there are none. */
export class Watchers {
  readonly #sources: WatchSources;
  readonly #listeners = new Set<(event: RunEvent) => void>();
  /** Needed tasks of stages, as they were told. */
  readonly #told = new WeakMap<StageState, number>();
  /** What begins now and has not been told of. */
  #coming: { readonly run: RunId; readonly stages: readonly Stage[] } | undefined;

  constructor(sources: WatchSources) {
    this.#sources = sources;
  }

  add(listener: (event: RunEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(event: Untimed<RunEvent>): void {
    if (this.#listeners.size === 0) return;
    this.#announce();
    const timed = { ...event, atMs: this.#sources.clock.now() };
    for (const listener of this.#listeners) listener(timed);
  }

  /**
   * Runs `begin`, after which the machine knows what is needed of the stages, and tells them before anything that comes
   * of it.
   */
  announcing(run: RunId, stages: readonly Stage[], begin: () => void): void {
    this.#coming = { run, stages };
    begin();
    this.#announce();
  }

  #announce(): void {
    if (this.#coming === undefined) return;
    const { run, stages } = this.#coming;
    this.#coming = undefined;
    this.added(run, stages);
  }

  started(stage: StageId, count: number): void {
    const run = this.#run(stage);
    if (run === undefined) return;
    this.#announce();
    // More of it may have become needed since, when a look into the store did not find what is made of it.
    const state = this.#sources.state.stages.get(stage);
    if (state !== undefined && neededOf(state) > (this.#told.get(state) ?? 0)) {
      this.added(run, [state.stage]);
    }
    this.tell({ kind: "tasks-started", run, stage, count });
  }

  done(stage: StageId, facts: { count: number; bytes: number; rows: number }): void {
    const run = this.#run(stage);
    if (run === undefined || facts.count === 0) return;
    this.tell({ kind: "tasks-done", run, stage, ...facts });
  }

  differ(stage: StageId, indexes: readonly number[]): void {
    const run = indexes.length === 0 ? undefined : this.#run(stage);
    if (run === undefined) return;
    for (const index of indexes) this.tell({ kind: "task-differs", run, stage, index });
  }

  slots(stage: StageId): void {
    const run = this.#run(stage);
    const { slots, invocations } = this.#sources.state;
    if (run !== undefined) this.tell({ kind: "slots", run, slots, busy: invocations.size });
  }

  /** Tells stages; again when it turns out what of them is there already. */
  added(run: RunId, stages: readonly Stage[]): void {
    if (this.#listeners.size === 0) return;
    for (const { id, kind, label } of stages) {
      const stage = this.#sources.state.stages.get(id);
      if (stage === undefined || kind === "data") continue;
      const tasks = neededOf(stage);
      const cached = stage.finished;
      this.#told.set(stage, tasks);
      this.tell({ kind: "stage-added", run, stage: id, label, tasks, cached });
    }
  }

  effect(effect: ToldEffect): void {
    const stage = effect.kind === "failed" ? effect.failure.stage : effect.stage;
    const run = this.#run(stage);
    if (run === undefined) return;
    if (effect.kind === "retried") {
      const { index, attempt, failure } = effect;
      this.tell({ kind: "task-retried", run, stage, index, attempt, failure });
    } else if (effect.kind === "failed") {
      const { index, failure } = effect.failure;
      this.tell({ kind: "task-failed", run, stage, index, failure });
    } else {
      this.tell({ kind: "stage-finished", run, stage, bytes: this.#sources.bytesOf(stage) });
    }
  }

  /** `undefined` also while nobody watches: then nothing is made. */
  #run(stage: StageId): RunId | undefined {
    return this.#listeners.size === 0 ? undefined : this.#sources.runOf(stage);
  }
}

function neededOf({ unfinished, finished }: StageState): number {
  return unfinished + finished;
}
