import { present, unreachable } from "../base/assert.ts";
import type { StageId } from "../base/ids.ts";
import { Batches } from "../chunk/batches.ts";
import { decodeChunk } from "../chunk/codec.ts";
import { isLazyData, lazyFromData } from "../code/lazy/lazy-data.ts";
import type { Expr } from "../plan/expr.ts";
import type { JobHandle, TargetOutcome, TaskFailure } from "../schedule/driver.ts";
import type { CallSite } from "./call-site.ts";
import { type ChunkEnd, ChunkEnds } from "./chunk-ends.ts";
import type { LazyWork } from "./collection.ts";
import { failureOfEnd, isOfCancelled } from "./ended-inputs.ts";
import type { Engine } from "./engine.ts";
import type { FutureTargets } from "./future-targets.ts";
import { liveExpr } from "./graph/live-expr.ts";
import { LazyResult, resolveLazies } from "./lazy-results.ts";
import { readChunk } from "./read-chunk.ts";
import { runWorks } from "./run-works.ts";
import type { RunStages } from "./stage-table.ts";
import { cancelled, planOf } from "./started-run.ts";
import { taskError } from "./task-error.ts";
import { failedTask } from "./task-label.ts";

/** The chunks of a target as other work takes them. */
interface LiveTarget {
  readonly expr: Expr;
  readonly stage: StageId;
  /** Filled as futures that ended without a value are used. */
  readonly ended: Map<number, TaskFailure>;
}

/** Futures that were submitted by one call: one job of one stage, or of few. */
export class FutureBatch {
  readonly #engine: Engine;
  readonly #site: CallSite;
  readonly #futures: FutureTargets;
  /** Per target. */
  readonly #ends: readonly ChunkEnds[];
  readonly #live: LiveTarget[] = [];
  readonly #stages: RunStages;
  readonly #handle: JobHandle;
  /** Futures that were not released. */
  #held: number;

  constructor(engine: Engine, futures: FutureTargets, site: CallSite) {
    this.#engine = engine;
    this.#site = site;
    this.#futures = futures;
    this.#held = futures.count;
    const { targets } = futures;
    this.#ends = targets.map(() => new ChunkEnds());
    const { session: run } = engine;
    const { plan, stages, endedInputs } = planOf(engine, targets, { nonce: run, store: false });
    this.#stages = stages;
    this.#handle = engine.driver.submit({
      run,
      name: "futures",
      plan,
      endedInputs,
      lookForChunks: false,
      journal: false,
      ownNames: true,
      keep: "none",
      onError: "continue",
      onChunk: (target, chunk) => this.#settle(target, chunk.index, { kind: "done", chunk }),
      onChunkFailed: (target, index, end) => this.#settle(target, index, failedEnd(end)),
    });
    void this.#handle.outcomes.then((outcomes) => this.#endRest(outcomes));
  }

  /** Futures in all. */
  get count(): number {
    return this.#futures.count;
  }

  /** How future number `position` ended; `undefined` while it has not. */
  end(position: number): ChunkEnd | undefined {
    const { target, index } = this.#futures.place(position);
    return this.#ends[target]?.get(index);
  }

  /** Calls `listener` once when future number `position` has ended, at once if it has. */
  whenEnded(position: number, listener: () => void): void {
    const { target, index } = this.#futures.place(position);
    present(this.#ends[target], "a target").whenEnded(index, listener);
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
    const read = await readChunk(end.chunk, { store, handle: this.#handle, target });
    if (read.kind === "failed") {
      this.#settle(target, index, read);
      throw this.error(position);
    }
    if (!isLazyData(read.value)) return read.value;
    return this.#readLazy(new LazyResult(lazyFromData(read.value)));
  }

  /** The error of a future that has ended without a value. */
  error(position: number): unknown {
    const end = this.end(position);
    switch (end?.kind) {
      case "failed": {
        const stage = this.#stages.get(end.failure.stage);
        return taskError(end.failure, failedTask(end.failure, stage), this.#site);
      }
      case "refused":
        return end.error;
      case "cancelled":
        return cancelled(undefined, this.#site);
      case "done":
      case undefined:
        return undefined;
      default:
        return unreachable(end);
    }
  }

  /** Does not run a future's call, if it has not begun. */
  cancel(position: number): void {
    const { target, index } = this.#futures.place(position);
    if (!this.end(position)) this.#handle.cancelIndex(target, index);
  }

  /** One future less needs the results. */
  release(): void {
    this.#held -= 1;
    if (this.#held !== 0) return;
    this.#handle.release();
    this.#stages.release();
  }

  /** The work that other work sees when it takes this future as an argument. */
  work(position: number): LazyWork {
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
    const live = this.#stages.live(target);
    const ended = new Map<number, TaskFailure>();
    const expr = liveExpr({ live, owner: this.#engine, ended });
    const made = { expr, stage: live.stage, ended };
    this.#live[target] = made;
    return made;
  }

  async #readLazy(lazy: LazyResult): Promise<unknown> {
    const options = {
      name: "futures",
      site: this.#site,
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

  /** What ended the job ends the futures that it left open. */
  #endRest(outcomes: readonly TargetOutcome[]): void {
    for (let position = 0; position < this.count; position++) {
      const { target, index } = this.#futures.place(position);
      if (this.#ends[target]?.get(index) !== undefined) continue;
      const outcome = outcomes[target];
      const isOver = outcome === undefined || outcome.kind === "done";
      this.#settle(target, index, isOver ? { kind: "cancelled" } : outcome);
    }
  }

  #settle(target: number, index: number, end: ChunkEnd): void {
    this.#ends[target]?.settle(index, end);
  }
}

function failedEnd(end: TaskFailure | "cancelled"): ChunkEnd {
  if (end === "cancelled" || isOfCancelled(end)) return { kind: "cancelled" };
  return { kind: "failed", failure: end };
}
