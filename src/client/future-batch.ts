import { present, unreachable } from "../base/assert.ts";
import { LambdaskError } from "../base/errors.ts";
import type { StageId } from "../base/ids.ts";
import { RareSet } from "../base/rare.ts";
import { Batches } from "../chunk/batches.ts";
import { decodeChunk } from "../chunk/codec.ts";
import { isLazyData, lazyFromData } from "../code/lazy/lazy-data.ts";
import { broadcast, type Expr } from "../plan/expr.ts";
import { forEachIndex, hasIndex, type IndexSet } from "../plan/index-set.ts";
import { releasedError } from "../schedule/drive-checks.ts";
import type { TargetOutcome, TaskFailure } from "../schedule/driver.ts";
import { askedForAt, type CallSite } from "./call-site.ts";
import { type ChunkEnd, ChunkEnds } from "./chunk-ends.ts";
import type { LazyWork } from "./collection.ts";
import { failureOfEnd } from "./ended-inputs.ts";
import type { Engine } from "./engine.ts";
import { endOfOutcome, FutureJob, type FutureJobOptions } from "./future-job.ts";
import type { FutureTargets, Place } from "./future-targets.ts";
import { type ChunkMaker, liveExpr } from "./graph/live-expr.ts";
import { LazyResult, resolveLazies } from "./lazy-results.ts";
import { readChunk } from "./read-chunk.ts";
import { retryChunks } from "./retry-chunks.ts";
import type { PlanTarget } from "./run-targets.ts";
import { runWorks } from "./run-works.ts";
import { taskError } from "./task-error.ts";
import { failedTask } from "./task-label.ts";
import type { Waiting } from "./waiting-calls.ts";

/** The chunks of a target as other work takes them. */
interface LiveTarget {
  readonly expr: Expr;
  readonly stage: StageId;
  /** Filled as futures that ended without a value are used. */
  readonly ended: Map<number, TaskFailure>;
  /** Held here: what was made of the chunks knows it only as long as this batch lives. */
  readonly maker: ChunkMaker;
}

/** Chunks that were tried again; the job is not there yet while it is being submitted. */
interface Retry {
  readonly target: number;
  readonly indexes: IndexSet;
  job: FutureJob | undefined;
}

/** How a batch is run. */
export interface BatchOptions {
  /** Futures of more than this many bytes end when they are in the store. */
  readonly storesAbove?: number;
}

/**
 * Futures that begin together: one job of one stage, or of few; what is tried again has jobs of its own. It begins by
 * `begin`; what was submitted and has not begun does so before anything is done with a future but look at it.
 */
export class FutureBatch implements Waiting {
  readonly #engine: Engine;
  readonly #siteOf: (position: number) => CallSite;
  readonly #storesAbove: number | undefined;
  readonly #futures: FutureTargets;
  /** Once it has begun. */
  #targets: readonly PlanTarget[] = [];
  /** Per target. */
  readonly #ends: ChunkEnds[] = [];
  readonly #live: LiveTarget[] = [];
  #job: FutureJob | undefined;
  /** Why it could not begin. */
  #refusal: { readonly error: unknown } | undefined;
  /** Later ones, each for chunks of one target that were tried again. */
  readonly #retries: Retry[] = [];
  /** Positions of futures that were released. */
  readonly #released = new RareSet<number>();

  constructor(
    engine: Engine,
    futures: FutureTargets,
    site: CallSite | ((position: number) => CallSite),
    options: BatchOptions = {},
  ) {
    this.#engine = engine;
    this.#siteOf = typeof site === "function" ? site : () => site;
    this.#storesAbove = options.storesAbove;
    this.#futures = futures;
  }

  /** Begins all of it, after what was submitted before. */
  begin(): this {
    this.#engine.waiting.begin();
    this.start();
    return this;
  }

  /** Begins all of it; what was submitted before has begun. */
  start(): void {
    // Who is told of an end may use the other futures: not before the job is there.
    const early: Parameters<FutureJobOptions["settle"]>[] = [];
    const settle: FutureJobOptions["settle"] = (target, index, end) => {
      if (this.#job === undefined) early.push([target, index, end]);
      else this.#settleBy(undefined, { target, index }, end);
    };
    this.#targets = this.#futures.targets;
    this.#job = new FutureJob(this.#engine, this.#targets, {
      storesAbove: this.#storesAbove,
      settle,
      over: (outcomes) => this.#endRest(outcomes),
    });
    for (const end of early) settle(...end);
  }

  /** It cannot begin: all of its futures end so. */
  refuse(error: unknown): void {
    this.#refusal = { error };
    for (let position = 0; position < this.count; position++) {
      this.#settleBy(undefined, this.#futures.place(position), { kind: "refused", error });
    }
  }

  /** Futures in all. */
  get count(): number {
    return this.#futures.count;
  }

  /** The client that the futures belong to. */
  get engine(): Engine {
    return this.#engine;
  }

  /** The name of a future's result: that of equal calls of this client. */
  key(position: number): string {
    const known = this.#futures.key?.(position);
    if (known !== undefined) return known;
    if (this.#job === undefined) this.#engine.waiting.begin();
    if (this.#refusal !== undefined) throw this.#refusal.error;
    const { target, index } = this.#futures.place(position);
    return `${present(this.#targets[target], "a target").expr.name}-${index}`;
  }

  /** How future number `position` ended; `undefined` while it has not. */
  end(position: number): ChunkEnd | undefined {
    const { target, index } = this.#futures.place(position);
    return this.#ends[target]?.get(index);
  }

  /** Calls `listener` once when future number `position` has ended, at once if it has. */
  whenEnded(position: number, listener: () => void): void {
    const { target, index } = this.#futures.place(position);
    this.#endsOf(target).whenEnded(index, listener);
  }

  /** The value of a future that has ended, if that needs no waiting: small, in memory, and no lazies. */
  valueAtHand(position: number): { readonly value: unknown } | undefined {
    const end = this.end(position);
    if (end?.kind !== "done" || !("inline" in end.chunk.ref)) return undefined;
    const value = decodeChunk(end.chunk.ref.inline);
    return value instanceof Batches || isLazyData(value) ? undefined : { value };
  }

  /** The value of a future that has ended; rejects with its error. */
  async read(position: number): Promise<unknown> {
    const end = this.end(position);
    if (end?.kind !== "done") throw this.error(position);
    const { target, index } = this.#futures.place(position);
    const { store } = this.#engine.backend;
    const { job, target: number } = this.#jobOf({ target, index });
    const read = await readChunk(end.chunk, { store, handle: job.handle, target: number });
    if (read.kind === "failed") {
      this.#settle(target, index, read);
      throw this.error(position);
    }
    if (!isLazyData(read.value)) return read.value;
    return this.#readLazy(new LazyResult(lazyFromData(read.value)), this.#siteOf(position));
  }

  /** The error of a future that has ended without a value. */
  error(position: number): unknown {
    const end = this.end(position);
    switch (end?.kind) {
      case "failed": {
        const stage = this.#engine.stages.get(end.failure.stage);
        return taskError(end.failure, failedTask(end.failure, stage), this.#siteOf(position));
      }
      case "refused":
        return end.error;
      case "cancelled":
        return this.#cancelled(position);
      case "done":
      case undefined:
        return undefined;
      default:
        return unreachable(end);
    }
  }

  #cancelled(position: number): LambdaskError {
    const facts = this.#released.has(position)
      ? {
          message: "the future was released before its call had ended",
          fix: "release a future when its result is no longer needed, or submit the call again",
        }
      : {
          message: "the call was cancelled before it had a value",
          fix: "run it again by future.retry(), or submit it to a client that is open",
        };
    return askedForAt(this.#siteOf(position), new LambdaskError("CANCELLED", facts));
  }

  /** Does not run a future's call, if it has not begun. The future has ended at once: what takes it from now on knows. */
  cancel(position: number): void {
    if (this.end(position)) return;
    this.#engine.waiting.begin();
    const place = this.#futures.place(position);
    const { job, target } = this.#jobOf(place);
    job.handle.cancelIndex(target, place.index);
    this.#settle(place.target, place.index, { kind: "cancelled" });
  }

  /** Tries calls again that failed or were cancelled, and those of them that these take. */
  retry(positions: readonly number[]): void {
    this.#engine.waiting.begin();
    const byTarget = new Map<number, number[]>();
    for (const position of positions) {
      const { target, index } = this.#futures.place(position);
      const indexes = byTarget.get(target);
      if (indexes) indexes.push(index);
      else byTarget.set(target, [index]);
    }
    for (const [target, indexes] of byTarget) retryChunks(this.#liveTarget(target).maker, indexes);
  }

  /** A future needs its result no more: it goes now, or with those of the others if it may be theirs too. */
  release(position: number): void {
    if (this.#released.has(position)) return;
    this.#engine.waiting.begin();
    this.#released.add(position);
    this.#futures.release?.(position);
    if (this.#released.size === this.count) {
      this.#job?.release();
      for (const { job } of this.#retries) job?.release();
    } else if (this.#futures.areApart) {
      const { target, index } = this.#futures.place(position);
      this.#job?.releaseChunk(target, index);
      for (const retry of this.#retries) {
        if (retry.target === target && hasIndex(retry.indexes, index, this.count)) {
          retry.job?.releaseChunk(0, index);
        }
      }
    }
  }

  /** True if the future needs its result no more. */
  isReleased(position: number): boolean {
    return this.#released.has(position);
  }

  /** Future number `position` is garbage: all that is known of it goes. */
  forget(position: number): void {
    this.release(position);
    const { target, index } = this.#futures.place(position);
    this.#ends[target]?.reopen(index);
    this.#futures.forget?.(position);
  }

  /** Which of its target's chunks a future's result is. */
  indexOf(position: number): number {
    return this.#futures.place(position).index;
  }

  /** The chunks that a future's result is one of, for equal calls: how its own futures fare is not their business. */
  chunksAgain(position: number): Expr {
    const { target } = this.#futures.place(position);
    const { expr } = present(this.#targets[target], "a target");
    const live = this.#jobNow().stages.live(target);
    const maker = new WeakRef<ChunkMaker>({
      expr,
      hasNoValue: () => false,
      reopen: () => undefined,
      begin: () => undefined,
    });
    return liveExpr({ live, owner: this.#engine, ended: new Map(), maker });
  }

  /** The work that other work sees when it takes this future as an argument. */
  work(position: number): LazyWork {
    if (this.#job === undefined) this.#engine.waiting.begin();
    // The chunk of a call that was submitted by itself may be one of many, and goes all the same.
    if (this.#futures.release !== undefined && this.#released.has(position)) throw releasedError();
    const { target, index } = this.#futures.place(position);
    const live = this.#liveTarget(target);
    const failure = failureOfEnd(this.end(position), live.stage);
    if (failure !== undefined) live.ended.set(index, failure);
    return {
      expr: live.expr,
      indexes: { kind: "list", indexes: Uint32Array.of(index) },
      assemble: ([value]) => value,
      asArgument: "chunk",
    };
  }

  #liveTarget(target: number): LiveTarget {
    const known = this.#live[target];
    if (known !== undefined) return known;
    const live = this.#jobNow().stages.live(target);
    const ended = new Map<number, TaskFailure>();
    const maker = this.#maker(target, ended);
    const expr = liveExpr({ live, owner: this.#engine, ended, maker: new WeakRef(maker) });
    const isBroadcast = maker.expr.annotations.broadcast === true;
    const made = { expr: isBroadcast ? broadcast(expr) : expr, stage: live.stage, ended, maker };
    this.#live[target] = made;
    return made;
  }

  #maker(target: number, ended: Map<number, TaskFailure>): ChunkMaker {
    const { expr } = present(this.#targets[target], "a target");
    const ends = this.#endsOf(target);
    return {
      expr,
      hasNoValue: (index) => {
        const end = ends.get(index);
        return end !== undefined && end.kind !== "done";
      },
      reopen: (index) => {
        ends.reopen(index);
        ended.delete(index);
      },
      begin: (indexes) => this.#begin(target, { expr, indexes: indexList(indexes) }),
    };
  }

  #begin(target: number, again: PlanTarget): void {
    const { indexes } = again;
    const retry: Retry = { target, indexes, job: undefined };
    this.#retries.push(retry);
    retry.job = new FutureJob(this.#engine, [again], {
      settle: (_, index, end) => this.#settleBy(retry, { target, index }, end),
      over: ([outcome]) =>
        forEachIndex(indexes, 0, (index) => this.#endRestOf({ target, index }, retry, outcome)),
    });
  }

  /** What the chunk was last tried again by, if it was. */
  #retryOf({ target, index }: Place): Retry | undefined {
    return this.#retries.findLast(
      (each) => each.target === target && hasIndex(each.indexes, index, Number.POSITIVE_INFINITY),
    );
  }

  /** The job that the chunk was last begun by, and the target's number there. */
  #jobOf(place: Place): { readonly job: FutureJob; readonly target: number } {
    const job = this.#retryOf(place)?.job;
    return job ? { job, target: 0 } : { job: this.#jobNow(), target: place.target };
  }

  /** The first job, which has begun: throws what it was refused with. */
  #jobNow(): FutureJob {
    if (this.#refusal !== undefined) throw this.#refusal.error;
    return present(this.#job, "the job of futures that have begun");
  }

  #endsOf(target: number): ChunkEnds {
    const known = this.#ends[target];
    if (known !== undefined) return known;
    const made = new ChunkEnds();
    this.#ends[target] = made;
    return made;
  }

  /** What ended the first job ends the futures that it left open. */
  #endRest(outcomes: readonly TargetOutcome[]): void {
    for (let position = 0; position < this.count; position++) {
      if (this.end(position)) continue;
      const place = this.#futures.place(position);
      this.#endRestOf(place, undefined, outcomes[place.target]);
    }
  }

  #endRestOf(place: Place, by: Retry | undefined, outcome: TargetOutcome | undefined): void {
    this.#settleBy(by, place, endOfOutcome(outcome, place.index));
  }

  /** Takes in an end that a job tells of: the first one counts, and none of a job before the chunk was tried again. */
  #settleBy(by: Retry | undefined, place: Place, end: ChunkEnd): void {
    const { target, index } = place;
    if (this.#ends[target]?.get(index) || this.#retryOf(place) !== by) return;
    this.#settle(target, index, end);
  }

  async #readLazy(lazy: LazyResult, site: CallSite): Promise<unknown> {
    const options = {
      name: "futures",
      site,
      onError: "fail",
      signal: undefined,
      reuse: false,
      persist: false,
      depth: 1,
    } as const;
    const results = await resolveLazies([{ kind: "value", value: lazy }], 0, (works) =>
      runWorks(this.#engine, works, options),
    );
    const result = present(results[0], "a lazy's result");
    if (result.kind === "error") throw result.error;
    return result.value;
  }

  #settle(target: number, index: number, end: ChunkEnd): void {
    this.#endsOf(target).settle(index, end);
  }
}

function indexList(indexes: readonly number[]): IndexSet {
  return { kind: "list", indexes: Uint32Array.from(indexes).sort() };
}
