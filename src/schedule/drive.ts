import type { Backend } from "../backend/backend.ts";
import type { InvocationOutcome } from "../backend/task.ts";
import { unreachable } from "../base/assert.ts";
import { LambdaskError } from "../base/errors.ts";
import { type ContentName, makeRunId, makeStageId, type StageId } from "../base/ids.ts";
import { Queue } from "../base/queue.ts";
import type { Fragment } from "../plan/fragment.ts";
import type { Stage, StageManifest } from "../plan/stage.ts";
import { Blobs } from "./blobs.ts";
import { deleteChunks } from "./chunk-io.ts";
import { checkReferences, keepNoMore, plannedId, unreadableError } from "./drive-checks.ts";
import { DriveHandle, type JobActs } from "./drive-handle.ts";
import { DriveJob } from "./drive-job.ts";
import { DriveTables } from "./drive-tables.ts";
import type { Driver, DriverOptions, Job, JobHandle } from "./driver.ts";
import type { Effect } from "./effect.ts";
import type { ScheduleEvent } from "./event.ts";
import { IndexEvents } from "./index-events.ts";
import { checkRun } from "./invariants.ts";
import { LateWork } from "./late-work.ts";
import { lookAtUnknown, manifestOf } from "./manifests.ts";
import { Recall } from "./recall.ts";
import { Recoveries } from "./recoveries.ts";
import { Replies } from "./replies.ts";
import { StageResults } from "./results.ts";
import type { RunEvent } from "./run-event.ts";
import { secure } from "./secure.ts";
import { lostTo, Sender } from "./send.ts";
import type { ScheduleState } from "./state.ts";
import { newSchedule, step } from "./step.ts";
import { StoreEffects } from "./store-effects.ts";
import { StoredNames } from "./stored-names.ts";
import { TargetTeller } from "./tell-targets.ts";
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
  readonly #tables: DriveTables;
  readonly #events = new Queue<ScheduleEvent>();
  readonly #recoveries: Recoveries;
  readonly #indexEvents: IndexEvents;
  readonly #stored: StoreEffects;
  readonly #targets: TargetTeller;
  readonly #recall = new Recall();
  readonly #watchers: Watchers;
  readonly #sender: Sender;
  readonly #replies: Replies;
  readonly #names: StoredNames;
  readonly #blobs: Blobs;
  readonly #late = new LateWork();
  readonly #acts: JobActs = {
    cancel: ({ id }) => this.#take({ kind: "cancel", job: id }),
    cancelIndex: ({ id: job }, target, index) => {
      this.#indexEvents.add("cancel-indexes", { job, target, index });
    },
    releaseIndex: ({ id: job }, target, index) => {
      this.#indexEvents.add("release-indexes", { job, target, index });
    },
    recover: (driven, chunk) => this.#recoveries.recover(driven, chunk),
    release: (driven, options) => this.#release(driven, options),
    manifest: (driven, id) => this.#manifest(driven, id),
  };
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
    this.#tables = new DriveTables(this.#state);
    this.#watchers = new Watchers({
      clock: backend.clock,
      state: this.#state,
      // The answer that ends a job may have let its stages go before the watchers are told of free slots.
      runOf: (id) => {
        const stage = this.#state.stages.get(id);
        return stage && this.#tables.runOf(stage);
      },
      bytesOf: (stage) => this.#tables.results.get(stage)?.bytesInAll ?? 0,
    });
    this.#sender = new Sender(backend);
    this.#names = new StoredNames(options.keeper);
    this.#blobs = new Blobs(backend.store, this.#names, options.blobsOf ?? (() => new Map()));
    this.#targets = new TargetTeller(this.#tables, backend.store, this.#names);
    this.#recoveries = new Recoveries(this.#tables, backend.store, (event) => this.#take(event));
    const around = { tables: this.#tables, names: this.#names };
    this.#stored = new StoreEffects(backend.store, around, (event) => this.#take(event));
    this.#indexEvents = new IndexEvents((event) => this.#take(event));
    this.#replies = new Replies(backend, {
      results: (stage) => this.#tables.resultsOf(stage),
      resultsLeft: (stage) => this.#tables.results.get(stage.stage.id),
      journal: (stage) => this.#tables.journalOf(stage),
    });
    this.#endSlots = backend.invoker.onSlots((slots) => this.#take({ kind: "slots", slots }));
    this.#take({ kind: "slots", slots: backend.invoker.slots });
  }

  submit(job: Job): JobHandle {
    this.checkOpen(job.name);
    const driven = new DriveJob(this.#nextJob++, job);
    const { id } = driven;
    this.#tables.jobs.set(id, driven);
    if (this.#active++ === 0) this.#backend.invoker.hold(true);
    const { run, name, lookForChunks: resumed, signal } = job;
    this.#watchers.tell({ kind: "run-started", run, name, resumed });
    this.#take(driven.added);
    try {
      this.#addFragment(driven, job.plan.first, false);
    } catch (error) {
      this.#refuse(driven, error);
    }
    if (signal !== undefined) this.#cancelBy(signal, driven);
    return new DriveHandle(driven, this.#acts);
  }

  checkOpen(name: string): void {
    if (!this.#closed) return;
    const message = `${name}: the client is closed`;
    throw new LambdaskError("CLOSED", { message, fix: "connect again" });
  }

  #cancelBy(signal: AbortSignal, driven: DriveJob): void {
    const cancel = (): void => this.#acts.cancel(driven);
    if (signal.aborted) cancel();
    else signal.addEventListener("abort", cancel, { once: true });
    void driven.outcomes.then(() => signal.removeEventListener("abort", cancel));
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

  stage(id: StageId): Stage | undefined {
    return this.#state.stages.get(id)?.stage;
  }

  stageNamed(name: string): StageId | undefined {
    // A name that is none is simply not found.
    return this.#state.names.get(name as ContentName)?.stage.id;
  }

  afterDeletions(act: () => Promise<void>): Promise<void> {
    return this.#names.after(act);
  }

  get activeJobs(): number {
    return this.#active;
  }

  cancelAll(): void {
    for (const id of this.#tables.jobs.keys()) this.#take({ kind: "cancel", job: id });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.cancelAll();
    this.#endSlots();
    this.#endWake();
    await this.#sender.close();
    for (const driven of this.#tables.leftIn(this.#backend.store)) this.#release(driven, {});
    for (const stage of this.#tables.ownStagesIn(this.#backend.store)) this.#blobs.removed(stage);
    await this.#names.settled();
  }

  /** Feeds an event to the machine and does what it says; events that come of that wait for their turn. */
  #take(event: ScheduleEvent): void {
    this.#indexEvents.flush();
    this.#events.add(event);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#events.take(); next !== undefined; next = this.#events.take()) {
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
    this.#events.takeAll();
    this.#closed = true;
    this.#recoveries.fail(error);
    for (const driven of this.#tables.jobs.values()) {
      if (driven.ended) continue;
      this.#endJob(driven, "failed", { kind: "refused", error });
    }
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case "invoke":
        this.#invoke(effect);
        return;
      case "unwanted":
        this.#backend.invoker.unwanted?.(effect.invocation, effect.indexes);
        return;
      case "list":
        void this.#list(effect);
        return;
      case "quarantine":
        void this.#stored.quarantine(effect);
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
      case "drop-chunks":
        this.#stored.dropChunks(effect);
        return;
      case "chunks-done":
        this.#targets.chunksDone(effect);
        return;
      case "chunk-ended":
        this.#targets.chunkEnded(effect);
        return;
      case "target-ended":
        this.#targets.ended(effect);
        return;
      case "job-ended":
        this.#endJob(this.#tables.jobs.get(effect.job), effect.outcome, { kind: "cancelled" });
        return;
      case "recovered":
        this.#recoveries.recovered(effect);
        return;
      case "stage-finished":
        this.#sender.forget(effect.stage);
        this.#watchers.effect(effect);
        return;
      case "retried":
      case "failed":
        this.#watchers.effect(effect);
        return;
      default:
        unreachable(effect);
    }
  }

  #addFragment(driven: DriveJob, fragment: Fragment, expanded: boolean): void {
    const { id, job } = driven;
    checkReferences(this.#state, id, fragment);
    const recalled = new Map<StageId, number[]>();
    for (const stage of fragment.stages) {
      const { stages, names } = this.#state;
      const isThere = this.#tables.results.has(stage.id) || stages.has(stage.id);
      if (isThere || names.has(stage.name)) continue;
      const results = new StageResults(stage);
      this.#tables.results.set(stage.id, results);
      this.#blobs.added(stage);
      const indexes = this.#recall.take(results, job.lookForChunks);
      if (indexes.length > 0) recalled.set(stage.id, indexes);
    }
    this.#take({ kind: "fragment-added", job: id, fragment, expanded, recalled });
    // Submitted from a callback: the machine has not taken the fragment in yet.
    if (this.#draining) queueMicrotask(() => this.#begin(driven, fragment));
    else this.#begin(driven, fragment);
  }

  #begin(driven: DriveJob, fragment: Fragment): void {
    const { id, job } = driven;
    const machine = this.#state.jobs.get(id);
    const safe = secure({ names: this.#names, blobs: this.#blobs }, driven, { fragment, machine });
    const begin = (): void => {
      const take = (): void => this.#take({ kind: "begun", job: id });
      this.#watchers.announcing(job.run, fragment.stages, take);
    };
    if (safe === undefined) begin();
    else safe.then(begin, (error: unknown) => this.#refuse(driven, error));
  }

  #refuse(driven: DriveJob, error: unknown): void {
    driven.refusal = error;
    this.#take({ kind: "refused", job: driven.id });
  }

  #invoke(effect: EffectOf<"invoke">): void {
    const stage = this.#tables.stage(effect.stage);
    // A job that was released a moment ago may still have its last tasks sent.
    const run = this.#tables.runOf(stage) ?? makeRunId("released");
    const { id, name } = stage.stage;
    const producers = stage.slots.map((slot) => this.#tables.resultsOf(slot.producer));
    const after = this.#names.reuse(name) ?? this.#stored.deletion(name, effect.indexes);
    this.#watchers.started(id, effect.indexes.length);
    this.#watchers.slots(id);
    this.#sender.send(
      { effect, stage: stage.stage, run, producers, after },
      (outcome) => this.#answered(effect, outcome),
      (from) => this.#take({ kind: "trimmed", invocation: effect.invocation, from }),
    );
  }

  #answered({ invocation }: EffectOf<"invoke">, outcome: InvocationOutcome): void {
    const known = this.#state.invocations.get(invocation);
    if (known === undefined) return;
    const { id } = known.stage.stage;
    const take = (seen: InvocationOutcome): void => {
      this.#take({ kind: "answered", invocation, outcome: seen });
      this.#watchers.slots(id);
    };
    // Results that the journal does not have must not count: what cannot be cured there fails the tasks.
    const refuse = (error: unknown): void => take(lostTo(error));
    try {
      const { wait, differing, ...facts } = this.#replies.take(known.stage, outcome);
      const go = (): void => {
        this.#watchers.done(id, facts);
        this.#watchers.differ(id, differing);
        take(outcome);
      };
      if (wait === undefined) go();
      else wait.then(go, refuse);
    } catch (error) {
      refuse(error);
    }
  }

  /** Watchers learn of tasks that a listing has found done. */
  async #list(effect: EffectOf<"list">): Promise<void> {
    const { stage: planned } = this.#tables.stage(effect.stage);
    await this.#stored.list(effect);
    const listed = this.#state.stages.get(effect.stage);
    const run = listed && this.#tables.runOf(listed);
    if (run !== undefined) this.#watchers.added(run, [planned]);
  }

  async #expand({ job, stage }: EffectOf<"expand">): Promise<void> {
    const driven = this.#tables.jobs.get(job);
    const machine = this.#state.jobs.get(job);
    if (driven === undefined || machine === undefined) return;
    try {
      const results = this.#tables.resultsOf(this.#tables.stage(stage));
      for (const bad of await lookAtUnknown(results, this.#options.readSummary)) {
        const again = await this.#recoveries.remake({ stage, index: bad, problem: "corrupt" });
        if (!("ref" in again)) throw unreadableError(again);
      }
      if (driven.ended) return;
      const manifest = manifestOf(results, plannedId(machine, this.#tables.stage(stage)));
      this.#addFragment(driven, driven.expand(manifest), true);
    } catch (error) {
      this.#refuse(driven, error);
    }
  }

  #wake(atMs: number): void {
    this.#endWake();
    const delayMs = Math.max(0, atMs - this.#backend.clock.now());
    this.#endWake = this.#backend.clock.after(delayMs, () => this.#take({ kind: "woken" }));
  }

  #drop(effect: EffectOf<"drop" | "remove">): void {
    const results = this.#tables.results.get(effect.stage);
    if (results === undefined) return;
    const { mayBeStored, stage } = results;
    const { name } = stage;
    const erase = deleteChunks.bind(undefined, this.#backend.store, results.storedChunks());
    results.clear();
    if (effect.kind === "remove") {
      this.#tables.removeStage(effect.stage);
      this.#sender.forget(effect.stage);
      this.#blobs.removed(stage);
      if (!effect.keep) this.#names.free({ name, erase, mayBeStored, forGood: true });
      this.#late.removed(effect.stage);
    } else if (mayBeStored) this.#names.free({ name, erase, mayBeStored, forGood: false });
  }

  #endJob(
    driven: DriveJob | undefined,
    outcome: "done" | "failed" | "cancelled",
    rest: Parameters<DriveJob["finish"]>[0],
  ): void {
    if (driven === undefined || driven.ended) return;
    driven.finish(rest);
    this.#watchers.tell({ kind: "run-finished", run: driven.job.run, outcome });
    if (--this.#active === 0) this.#backend.invoker.hold(false);
  }

  #release(driven: DriveJob, options: Parameters<JobHandle["release"]>[0] & object): void {
    if (driven.released) return;
    if (this.#draining) {
      // From a callback: what the machine has said of the job must be told first.
      queueMicrotask(() => this.#release(driven, options));
      return;
    }
    driven.released = true;
    const { id, job } = driven;
    if (options.kept) this.#names.forget(keepNoMore(this.#state.jobs.get(id)), job.run);
    // A job that has not ended is cancelled by this.
    this.#take({ kind: "cancel", job: id });
    const machine = this.#state.jobs.get(id);
    // Nobody resumes what has names of its own: its run goes on using the others.
    const isLeft = options.left === true || machine?.outcome === "cancelled";
    if (isLeft && !job.ownNames) {
      this.#names.leave(job.run, driven.names);
    }
    this.#tables.releaseJob(driven);
    this.#take({ kind: "release", job: id });
    driven.lateWork = this.#late.of(machine?.stages ?? []);
  }

  #manifest(driven: DriveJob, id: StageId): StageManifest | undefined {
    const machine = this.#state.jobs.get(driven.id);
    const stage = machine?.aliases.get(id) ?? this.#state.stages.get(id);
    if (stage === undefined || stage.finished < stage.stage.count) return undefined;
    return manifestOf(this.#tables.resultsOf(stage), id);
  }
}
