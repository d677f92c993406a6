import { present, unreachable } from "../base/assert.ts";
import { Batches } from "../chunk/batches.ts";
import { decodeChunk } from "../chunk/codec.ts";
import { isLazyData, lazyFromData } from "../code/lazy/lazy-data.ts";
import type { LazyNode } from "../code/lazy/node.ts";
import type { JobHandle } from "../schedule/driver.ts";
import type { CallSite } from "./call-site.ts";
import type { LazyWork } from "./collection.ts";
import { type Engine, uploadBlobs } from "./engine.ts";
import { liveExpr } from "./graph/graph-expr.ts";
import { nodeWorks } from "./graph/node-works.ts";
import { LazyResult, resolveLazies } from "./lazy-results.ts";
import { readChunk } from "./read-chunk.ts";
import { mergeTargets, type RunTarget } from "./run-targets.ts";
import { runWorks } from "./run-works.ts";
import type { RunStages } from "./stage-table.ts";
import { type ChunkEnd, cancelled, planOf } from "./started-run.ts";
import { taskError } from "./task-error.ts";
import { failedTask } from "./task-label.ts";

/** One future's place in its batch. */
interface Place {
  readonly target: number;
  readonly index: number;
}

/** Futures that were submitted by one call: one job, one or few stages. */
export class FutureBatch {
  readonly #engine: Engine;
  readonly #site: CallSite;
  readonly #places: Place[] = [];
  /** Per target, by index, how it ended. */
  readonly #ends: Map<number, ChunkEnd>[];
  /** Per target, by index, who waits for its end. */
  readonly #waiting: Map<number, (() => void)[]>[];
  readonly #handle: JobHandle;
  readonly #stages: RunStages;
  readonly #targets: readonly RunTarget[];
  #held: number;

  constructor(engine: Engine, nodes: readonly LazyNode[], site: CallSite) {
    this.#engine = engine;
    this.#site = site;
    const works = nodeWorks(nodes, { nonce: "session" });
    this.#targets = mergeTargets(works);
    this.#held = nodes.length;
    for (const [target, { works: positions }] of this.#targets.entries()) {
      for (const position of positions) {
        this.#places[position] = { target, index: indexOf(works[position]) };
      }
    }
    this.#ends = this.#targets.map(() => new Map());
    this.#waiting = this.#targets.map(() => new Map());
    uploadBlobs(
      engine,
      this.#targets.map(({ expr }) => expr),
    );
    const { run } = present(engine.session, "the run for futures");
    const { plan, stages } = planOf(engine, this.#targets, { nonce: run, store: false });
    this.#stages = stages;
    this.#handle = engine.driver.submit({
      run,
      name: "futures",
      plan,
      lookForChunks: false,
      journal: false,
      ownNames: true,
      keep: "none",
      onError: "continue",
      onChunk: (target, chunk) => this.#settle(target, chunk.index, { kind: "done", chunk }),
      onChunkFailed: (target, index, end) => {
        const settled: ChunkEnd =
          end === "cancelled" ? { kind: "cancelled" } : { kind: "failed", failure: end };
        this.#settle(target, index, settled);
      },
    });
    // What the plan itself refuses reaches every future that has not ended.
    void this.#handle.outcomes.then((outcomes) => {
      for (const [target, outcome] of outcomes.entries()) {
        if (outcome.kind === "done" || outcome.kind === "failed") continue;
        const end: ChunkEnd = { kind: "cancelled" };
        if (outcome.kind === "refused") this.#refusal = outcome.error;
        for (const { target: of, index } of this.#places) {
          if (of === target && !this.#ends[target]?.has(index)) this.#settle(target, index, end);
        }
      }
    });
  }

  #refusal: unknown;

  /** How future number `position` ended; `undefined` while it has not. */
  end(position: number): ChunkEnd | undefined {
    const { target, index } = this.#place(position);
    return this.#ends[target]?.get(index);
  }

  /** Calls `listener` once when future number `position` has ended, at once if it has. */
  whenEnded(position: number, listener: () => void): void {
    const { target, index } = this.#place(position);
    if (this.#ends[target]?.has(index)) {
      listener();
      return;
    }
    const waiting = this.#waiting[target];
    const list = waiting?.get(index);
    if (list) list.push(listener);
    else waiting?.set(index, [listener]);
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
    const { target, index } = this.#place(position);
    const end = this.#ends[target]?.get(index);
    if (end?.kind !== "done") throw this.error(position);
    const { store } = this.#engine.backend;
    const read = await readChunk(end.chunk, { store, handle: this.#handle, target });
    if (read.kind === "failed") {
      this.#ends[target]?.set(index, read);
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
      case "cancelled":
        return this.#refusal ?? cancelled(undefined);
      case "done":
      case undefined:
        return undefined;
      default:
        return unreachable(end);
    }
  }

  cancel(position: number): void {
    const { target, index } = this.#place(position);
    if (!this.#ends[target]?.has(index)) this.#handle.cancelIndex(target, index);
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
    const { target, index } = this.#place(position);
    return {
      expr: this.#liveExpr(target),
      indexes: { kind: "list", indexes: Uint32Array.of(index) },
      assemble: ([value]) => value,
      asArgument: "chunk",
    };
  }

  readonly #live: ReturnType<typeof liveExpr>[] = [];

  #liveExpr(target: number): ReturnType<typeof liveExpr> {
    const known = this.#live[target];
    if (known) return known;
    const expr = liveExpr(this.#stages.live(target));
    this.#live[target] = expr;
    return expr;
  }

  async #readLazy(lazy: LazyResult): Promise<unknown> {
    const options = {
      name: "futures",
      site: this.#site,
      onError: "fail",
      signal: undefined,
      reuse: false,
      persist: false,
    } as const;
    const [result] = await resolveLazies([{ kind: "value", value: lazy }], 0, (works) =>
      runWorks(this.#engine, works, { ...options, depth: 1 }),
    );
    if (result?.kind === "error") throw result.error;
    return result?.value;
  }

  #place(position: number): Place {
    return this.#places[position] ?? { target: 0, index: 0 };
  }

  #settle(target: number, index: number, end: ChunkEnd): void {
    this.#ends[target]?.set(index, end);
    const listeners = this.#waiting[target]?.get(index);
    if (!listeners) return;
    this.#waiting[target]?.delete(index);
    for (const listener of listeners) listener();
  }
}

function indexOf(work: LazyWork | undefined): number {
  return work?.indexes.kind === "list" ? (work.indexes.indexes[0] ?? 0) : 0;
}
