import type { Backend } from "../backend/backend.ts";
import { chunkKey } from "../backend/chunk-key.ts";
import type { InvocationOutcome } from "../backend/task.ts";
import { present, unreachable } from "../base/assert.ts";
import { LambdaskError } from "../base/errors.ts";
import { type ContentName, makeStageId, type RunId, type StageId } from "../base/ids.ts";
import type { Fragment } from "../plan/fragment.ts";
import { forEachIndex, hasIndex } from "../plan/index-set.ts";
import type { StageManifest } from "../plan/stage.ts";
import { listBlock, quarantineChunk, spillChunks } from "./chunk-io.ts";
import { DriveJob, Recoveries } from "./drive-job.ts";
import type {
  Driver,
  DriverOptions,
  FinishedChunk,
  Job,
  JobHandle,
  TargetOutcome,
  TaskFailure,
} from "./driver.ts";
import type { Effect, TargetEnd } from "./effect.ts";
import type { ScheduleEvent } from "./event.ts";
import { checkRun } from "./invariants.ts";
import { manifestOf, readFooters, unknownChunks } from "./manifests.ts";
import { Recall } from "./recall.ts";
import { Replies } from "./replies.ts";
import { StageResults } from "./results.ts";
import type { RunEvent } from "./run-event.ts";
import { journalName } from "./run-record.ts";
import { Sender } from "./send.ts";
import type { JobState, ScheduleState, StageState } from "./state.ts";
import { newSchedule, step } from "./step.ts";
import { StoredNames } from "./stored-names.ts";
import { Watchers } from "./watch.ts";

/** Makes the driver of a backend. */
export function createDriver(options: DriverOptions): Driver {
  return new Drive(options);
}

type EffectOf<Kind extends Effect["kind"]> = Extract<Effect, { kind: Kind }>;

/**
 * Performs the machine's effects on a backend and feeds what comes of them back as events, one at a time. All else
 * that is asynchronous in this room is done on its behalf.
 */
class Drive implements Driver {
  readonly #options: DriverOptions;
  readonly #backend: Backend;
  readonly #state: ScheduleState;
  readonly #results = new Map<StageId, StageResults>();
  readonly #jobs = new Map<number, DriveJob>();
  readonly #events: ScheduleEvent[] = [];
  readonly #recoveries = new Recoveries();
  readonly #recall = new Recall();
  readonly #watchers: Watchers;
  readonly #sender: Sender;
  readonly #replies: Replies;
  readonly #names: StoredNames;
  readonly #cancels = new Map<string, { job: number; target: number; indexes: number[] }>();
  readonly #endSlots: () => void;
  #endWake: () => void = () => undefined;
  #draining = false;
  #closed = false;
  #active = 0;
  #nextJob = 1;
  #nextStage = 1;

  constructor(options: DriverOptions) {
    const { backend } = options;
    this.#options = options;
    this.#backend = backend;
    this.#state = newSchedule(backend.limits);
    this.#watchers = new Watchers({
      clock: backend.clock,
      state: this.#state,
      // The answer that ends a job may have let its stages go before the watchers are told of free slots.
      runOf: (id) => {
        const stage = this.#state.stages.get(id);
        return stage && this.#runOf(stage);
      },
      bytesOf: (stage) => this.#results.get(stage)?.bytesInAll ?? 0,
    });
    this.#sender = new Sender(backend);
    this.#names = new StoredNames(backend.store, options.keeper);
    this.#replies = new Replies(backend, {
      results: (stage) => this.#resultsOf(stage),
      resultsLeft: (stage) => this.#results.get(stage.stage.id),
      journal: (stage) => this.#journalOf(stage),
    });
    this.#endSlots = backend.invoker.onSlots((slots) => this.#take({ kind: "slots", slots }));
    this.#take({ kind: "slots", slots: backend.invoker.slots });
  }

  submit(job: Job): JobHandle {
    if (this.#closed) {
      throw new LambdaskError("CLOSED", {
        message: `${job.name}: the client is closed`,
        fix: "connect again",
      });
    }
    const driven = new DriveJob(this.#nextJob++, job);
    const { id } = driven;
    this.#jobs.set(id, driven);
    if (this.#active++ === 0) this.#backend.invoker.hold(true);
    const { run, name, onError, lookForChunks, keep, plan } = job;
    this.#watchers.tell({ kind: "run-started", run, name, resumed: lookForChunks });
    const { targetCount } = plan;
    this.#take({ kind: "job-added", job: id, onError, lookForChunks, keep, targetCount });
    this.#addFragment(driven, plan.first, false);
    const cancel = (): void => this.#take({ kind: "cancel", job: id });
    if (job.signal?.aborted) cancel();
    else job.signal?.addEventListener("abort", cancel, { once: true });
    void driven.outcomes.then(() => job.signal?.removeEventListener("abort", cancel));
    return this.#handle(driven, cancel);
  }

  recall(journal: Uint8Array): void {
    this.#recall.add(journal);
  }

  scale(target: number | { readonly min: number; readonly max: number }): void {
    this.#backend.invoker.scale(target);
  }

  onEvent(listener: (event: RunEvent) => void): () => void {
    return this.#watchers.add(listener);
  }

  nextStageId(): StageId {
    return makeStageId(this.#nextStage++);
  }

  stageNamed(name: string): StageId | undefined {
    // A name that is none is simply not found.
    return this.#state.names.get(name as ContentName)?.stage.id;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const id of this.#jobs.keys()) this.#take({ kind: "cancel", job: id });
    this.#endSlots();
    this.#endWake();
    await this.#sender.close();
    await this.#names.settled();
  }

  #handle(driven: DriveJob, cancel: () => void): JobHandle {
    return {
      run: driven.job.run,
      outcomes: driven.outcomes,
      cancel,
      cancelIndex: (target, index) => this.#cancelIndex(driven.id, target, index),
      recover: (target, index, problem) => this.#recover(driven, { target, index, problem }),
      release: (options) => this.#release(driven, options?.kept === true),
      manifest: (id) => this.#manifest(driven, id),
    };
  }

  /** Feeds an event to the machine and does what it says; events that come of that wait for their turn. */
  #take(event: ScheduleEvent): void {
    this.#events.push(event);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        const moment = { nowMs: this.#backend.clock.now(), random: this.#backend.random() };
        const effects = step(this.#state, next, moment);
        if (this.#options.checkInvariants) checkRun(this.#state);
        for (const effect of effects) this.#perform(effect);
      }
    } catch (error) {
      this.#break(error);
    } finally {
      this.#draining = false;
    }
  }

  /** A defect: nobody must wait for ever because of it. */
  #break(error: unknown): void {
    this.#events.length = 0;
    this.#closed = true;
    for (const driven of this.#jobs.values()) {
      if (driven.ended) continue;
      this.#endJob(driven, "failed", { kind: "refused", error });
    }
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case "invoke":
        this.#invoke(effect);
        return;
      case "list":
        void this.#list(effect);
        return;
      case "quarantine":
        void this.#quarantine(effect);
        return;
      case "expand":
        void this.#expand(effect);
        return;
      case "wake":
        this.#wake(effect.atMs);
        return;
      case "drop":
      case "remove":
        this.#drop(effect);
        return;
      case "chunks-done":
        this.#chunksDone(effect);
        return;
      case "chunk-ended": {
        const { target, index, outcome } = effect;
        this.#jobs.get(effect.job)?.job.onChunkFailed?.(target, index, outcome);
        return;
      }
      case "target-ended":
        this.#endTarget(effect);
        return;
      case "job-ended": {
        const driven = this.#jobs.get(effect.job);
        if (driven !== undefined) this.#endJob(driven, effect.outcome, { kind: "cancelled" });
        return;
      }
      case "recovered":
        this.#recovered(effect);
        return;
      case "retried":
      case "failed":
      case "stage-finished":
        this.#watchers.effect(effect);
        return;
      default:
        unreachable(effect);
    }
  }

  #addFragment(driven: DriveJob, fragment: Fragment, expanded: boolean): void {
    const { id, job } = driven;
    const recalled = new Map<StageId, number[]>();
    for (const stage of fragment.stages) {
      if (this.#state.stages.has(stage.id) || this.#state.names.has(stage.name)) continue;
      const results = new StageResults(stage);
      this.#results.set(stage.id, results);
      const indexes = this.#recall.take(results, job.lookForChunks);
      if (indexes.length > 0) recalled.set(stage.id, indexes);
    }
    this.#take({ kind: "fragment-added", job: id, fragment, expanded, recalled });
    const safe = this.#pin(driven, fragment);
    const begin = (): void => {
      this.#take({ kind: "begun", job: id });
      this.#watchers.added(job.run, fragment.stages);
    };
    if (safe === undefined) begin();
    else safe.then(begin, (error: unknown) => this.#refuse(driven, error));
  }

  /** Pins all names that the job uses, those of stages that other jobs brought included. */
  #pin({ id, job }: DriveJob, fragment: Fragment): Promise<void> | undefined {
    const machine = this.#state.jobs.get(id);
    const names = new Set([...(machine?.stages ?? [])].map(({ stage }) => stage.name));
    if (!job.ownNames) return this.#names.use(job.run, [...names]);
    const own = fragment.stages.map(({ name }) => name);
    for (const name of own) names.delete(name);
    const waits = [this.#names.useOwn(own), this.#names.use(job.run, [...names])];
    const open = waits.filter((wait) => wait !== undefined);
    return open.length === 0 ? undefined : Promise.all(open).then(() => undefined);
  }

  #refuse(driven: DriveJob, error: unknown): void {
    driven.refusal = error;
    this.#take({ kind: "refused", job: driven.id });
  }

  #invoke(effect: EffectOf<"invoke">): void {
    const stage = this.#stage(effect.stage);
    const run = this.#runOf(stage);
    if (run === undefined) return;
    const { invocation } = effect;
    const { id, name } = stage.stage;
    const producers = stage.slots.map((slot) => this.#resultsOf(slot.producer));
    const after = this.#names.reuse(name);
    this.#watchers.started(id, effect.indexes.length);
    this.#watchers.slots(id);
    this.#sender.send(
      { effect, stage: stage.stage, run, producers, after },
      (outcome) => this.#answered(effect, outcome),
      (from) => this.#take({ kind: "trimmed", invocation, from }),
    );
  }

  #answered({ invocation }: EffectOf<"invoke">, outcome: InvocationOutcome): void {
    const known = this.#state.invocations.get(invocation);
    if (known === undefined) return;
    const { id } = known.stage.stage;
    const { wait, ...facts } = this.#replies.take(known.stage, outcome);
    const go = (): void => {
      this.#watchers.done(id, facts);
      this.#take({ kind: "answered", invocation, outcome });
      this.#watchers.slots(id);
    };
    if (wait === undefined) go();
    else wait.then(go, go);
  }

  async #list({ stage, block }: EffectOf<"list">): Promise<void> {
    const { stage: planned } = this.#stage(stage);
    const results = this.#results.get(stage);
    await this.#names.reuse(planned.name);
    const listing = listBlock(this.#backend.store, planned, block);
    // What cannot be listed counts as absent: it is made again.
    const objects = await listing.catch(() => []);
    for (const { index, bytes } of objects) results?.setFound(index, bytes);
    const present = objects.map(({ index }) => index);
    this.#take({ kind: "listed", stage, block, present });
    const listed = this.#state.stages.get(stage);
    const run = listed && this.#runOf(listed);
    if (run !== undefined) this.#watchers.added(run, [planned]);
  }

  async #quarantine({ stage, index }: EffectOf<"quarantine">): Promise<void> {
    const { name } = this.#stage(stage).stage;
    this.#results.get(stage)?.forget(index);
    // If it cannot be moved, its task will find it bad again, and that ends in an error.
    await quarantineChunk(this.#backend.store, chunkKey(name, index)).catch(() => undefined);
    this.#take({ kind: "quarantined", stage, index });
  }

  async #expand({ job, stage }: EffectOf<"expand">): Promise<void> {
    const driven = this.#jobs.get(job);
    const machine = this.#state.jobs.get(job);
    if (driven === undefined || machine === undefined) return;
    try {
      const results = this.#resultsOf(this.#stage(stage));
      for (const bad of await this.#unreadable(results)) {
        const target = { stage, index: bad, problem: "corrupt" } as const;
        const again = await this.#remake(target);
        if (!("ref" in again)) throw unreadableError(again);
      }
      if (driven.ended) return;
      const manifest = manifestOf(results, plannedId(machine, this.#stage(stage)));
      this.#addFragment(driven, driven.job.plan.expand(manifest), true);
    } catch (error) {
      this.#refuse(driven, error);
    }
  }

  #unreadable(results: StageResults): number[] | Promise<number[]> {
    const unknown = unknownChunks(results);
    return unknown.length === 0 ? [] : readFooters(results, unknown, this.#options.readSummary);
  }

  #wake(atMs: number): void {
    this.#endWake();
    const delayMs = Math.max(0, atMs - this.#backend.clock.now());
    this.#endWake = this.#backend.clock.after(delayMs, () => this.#take({ kind: "woken" }));
  }

  #drop(effect: EffectOf<"drop" | "remove">): void {
    const results = this.#results.get(effect.stage);
    if (results === undefined) return;
    const { mayBeStored, stage } = results;
    results.clear();
    if (effect.kind === "remove") {
      this.#results.delete(effect.stage);
      this.#sender.forget(effect.stage);
      if (!effect.keep) this.#names.free({ stage, mayBeStored, forGood: true });
    } else if (mayBeStored) this.#names.free({ stage, mayBeStored, forGood: false });
  }

  #chunksDone({ stage, indexes, only }: EffectOf<"chunks-done">): void {
    const machine = this.#stage(stage);
    const results = this.#resultsOf(machine);
    for (const target of machine.targets) {
      if (only !== undefined && (only.job !== target.job.id || only.target !== target.position)) {
        continue;
      }
      const driven = this.#jobs.get(target.job.id);
      const { onChunk } = driven?.job ?? {};
      if (onChunk === undefined || driven?.ended) continue;
      for (const index of indexes) {
        if (target.without.has(index)) continue;
        if (!hasIndex(target.indexes, index, machine.stage.count)) continue;
        onChunk(target.position, results.chunk(index));
      }
    }
  }

  #endTarget({ job, target, end }: EffectOf<"target-ended">): void {
    const driven = this.#jobs.get(job);
    if (driven === undefined) return;
    if (end.kind !== "done") {
      driven.endTarget(target, outcomeOf(end, driven));
      return;
    }
    const { targets } = present(this.#state.jobs.get(job), `job ${job}`);
    const known = targets.find(({ position }) => position === target);
    const { stage, indexes } = present(known, `target ${target}`);
    const results = this.#resultsOf(stage);
    const told: number[] = [];
    forEachIndex(indexes, stage.stage.count, (index) => told.push(index));
    if (driven.job.keep !== "none") {
      const { store } = this.#backend;
      const keep = async (): Promise<void> => {
        await spillChunks(store, results, told);
        const kept = driven.job.keep === "all" ? driven.names : [stage.stage.name];
        await this.#names.keep([...kept]);
      };
      driven.waitFor(target, keep());
    }
    const chunks = told.map((index) => results.chunk(index));
    driven.endTarget(target, { kind: "done", stage: stage.stage.id, chunks });
  }

  #endJob(
    driven: DriveJob,
    outcome: "done" | "failed" | "cancelled",
    rest: Parameters<DriveJob["finish"]>[0],
  ): void {
    if (driven.ended) return;
    driven.finish(rest);
    this.#watchers.tell({ kind: "run-finished", run: driven.job.run, outcome });
    if (--this.#active === 0) this.#backend.invoker.hold(false);
  }

  #cancelIndex(job: number, target: number, index: number): void {
    const key = `${job}/${target}`;
    const known = this.#cancels.get(key);
    if (known !== undefined) {
      known.indexes.push(index);
      return;
    }
    this.#cancels.set(key, { job, target, indexes: [index] });
    // Futures are cancelled in crowds: one step for all of one turn.
    queueMicrotask(() => {
      const cancels = this.#cancels.get(key);
      this.#cancels.delete(key);
      if (cancels !== undefined) this.#take({ kind: "cancel-indexes", ...cancels });
    });
  }

  #recover(
    driven: DriveJob,
    wanted: { target: number; index: number; problem: "lost" | "corrupt" },
  ): Promise<FinishedChunk | TaskFailure> {
    const { targets } = this.#state.jobs.get(driven.id) ?? { targets: [] };
    const target = targets.find(({ position }) => position === wanted.target);
    if (target === undefined) {
      const message = `target ${wanted.target} of ${driven.job.name} was released`;
      return Promise.reject(new LambdaskError("CLOSED", { message }));
    }
    const { index, problem } = wanted;
    return this.#remake({ stage: target.stage.stage.id, index, problem });
  }

  #remake(chunk: {
    readonly stage: StageId;
    readonly index: number;
    readonly problem: "lost" | "corrupt";
  }): Promise<FinishedChunk | TaskFailure> {
    const results = this.#results.get(chunk.stage);
    if (results?.isInline(chunk.index)) return this.#unspill(results, chunk.index);
    return new Promise((resolve) => {
      const isFirst = this.#recoveries.add(chunkId(chunk.stage, chunk.index), resolve);
      if (isFirst) this.#take({ kind: "unreadable", ...chunk });
    });
  }

  /** A chunk that is here anyway: only its copy in the store was bad. */
  async #unspill(results: StageResults, index: number): Promise<FinishedChunk> {
    results.unspill(index);
    const key = chunkKey(results.stage.name, index);
    await quarantineChunk(this.#backend.store, key).catch(() => undefined);
    return results.chunk(index);
  }

  #recovered({ stage, index, failure }: EffectOf<"recovered">): void {
    const result = failure ?? this.#results.get(stage)?.chunk(index);
    if (result !== undefined) this.#recoveries.end(chunkId(stage, index), result);
  }

  #release(driven: DriveJob, kept: boolean): void {
    if (driven.released) return;
    driven.released = true;
    if (kept) this.#forgetKept(driven);
    this.#take({ kind: "release", job: driven.id });
    this.#jobs.delete(driven.id);
  }

  #forgetKept(driven: DriveJob): void {
    const machine = this.#state.jobs.get(driven.id);
    const names: ContentName[] = [];
    for (const stage of machine?.stages ?? []) {
      if (!stage.keep) continue;
      stage.keep = false;
      names.push(stage.stage.name);
    }
    this.#names.forget(names);
  }

  #manifest(driven: DriveJob, id: StageId): StageManifest | undefined {
    const machine = this.#state.jobs.get(driven.id);
    const stage = machine?.aliases.get(id) ?? this.#state.stages.get(id);
    if (stage === undefined || stage.finished < stage.stage.count) return undefined;
    return manifestOf(this.#resultsOf(stage), id);
  }

  #stage(id: StageId): StageState {
    return present(this.#state.stages.get(id), `stage ${id}`);
  }

  #resultsOf(stage: StageState): StageResults {
    return present(this.#results.get(stage.stage.id), `results of stage ${stage.stage.id}`);
  }

  #runOf(stage: StageState): RunId | undefined {
    for (const { id } of stage.jobs) {
      const driven = this.#jobs.get(id);
      if (driven !== undefined) return driven.job.run;
    }
    return undefined;
  }

  #journalOf(stage: StageState): string | undefined {
    for (const { id } of stage.jobs) {
      const driven = this.#jobs.get(id);
      if (driven?.job.journal) return journalName(driven.job.run);
    }
    return undefined;
  }
}

function outcomeOf(end: Exclude<TargetEnd, { kind: "done" }>, driven: DriveJob): TargetOutcome {
  return end.kind === "refused" ? { kind: "refused", error: driven.refusal } : end;
}

/** The id by which the job's plan knows a stage that may have been there before. */
function plannedId(job: JobState, stage: StageState): StageId {
  for (const [id, known] of job.aliases) if (known === stage) return id;
  return stage.stage.id;
}

function unreadableError(failure: TaskFailure): LambdaskError {
  return new LambdaskError("CORRUPT_CHUNK", {
    message: `${failure.label}[${failure.index}]: its chunk was bad whenever it was read`,
    fix: "check the disk or bucket that holds the store",
    data: { index: failure.index, attempts: failure.attempts },
  });
}

/** Names a chunk of a stage in tables of this session. */
function chunkId(stage: StageId, index: number): string {
  return `${stage}/${index}`;
}
