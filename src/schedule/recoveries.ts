import { chunkKey } from "../backend/chunk-key.ts";
import type { ChunkStore } from "../backend/chunk-store.ts";
import { LambdaskError } from "../base/errors.ts";
import type { StageId } from "../base/ids.ts";
import { quarantineChunk } from "./chunk-io.ts";
import type { DriveJob } from "./drive-job.ts";
import type { DriveTables } from "./drive-tables.ts";
import type { FinishedChunk, TaskFailure } from "./driver.ts";
import type { Effect } from "./effect.ts";
import type { ScheduleEvent } from "./event.ts";
import type { StageResults } from "./results.ts";

/** A chunk that was done, and turned out to be missing or wrong in the store. */
export interface BadChunk {
  readonly stage: StageId;
  readonly index: number;
  readonly problem: "lost" | "corrupt";
}

type Recovered = FinishedChunk | TaskFailure;

/** Has finished chunks made again for readers in this process, who wait for them. */
export class Recoveries {
  readonly #tables: DriveTables;
  readonly #store: ChunkStore;
  readonly #take: (event: ScheduleEvent) => void;
  readonly #waiting = new Map<string, PromiseWithResolvers<Recovered>>();
  #broken: { readonly error: unknown } | undefined;

  constructor(tables: DriveTables, store: ChunkStore, take: (event: ScheduleEvent) => void) {
    this.#tables = tables;
    this.#store = store;
    this.#take = take;
  }

  /** Makes a chunk of a job's target again. */
  recover(
    driven: DriveJob,
    wanted: Omit<BadChunk, "stage"> & { readonly target: number },
  ): Promise<Recovered> {
    const target = this.#tables.state.jobs.get(driven.id)?.targets.get(wanted.target);
    if (target === undefined) {
      return Promise.reject(
        new LambdaskError("CLOSED", {
          message: `${driven.job.name}: the result is gone: it was released, or its client is closed`,
          fix: "read results before that",
        }),
      );
    }
    const { index, problem } = wanted;
    return this.remake({ stage: target.stage.stage.id, index, problem });
  }

  /** Makes any finished chunk again. */
  remake(chunk: BadChunk): Promise<Recovered> {
    const results = this.#tables.results.get(chunk.stage);
    if (results?.isInline(chunk.index)) return this.#unspill(results, chunk.index);
    if (this.#broken !== undefined) return Promise.reject(this.#broken.error);
    const id = chunkId(chunk);
    const known = this.#waiting.get(id);
    if (known !== undefined) return known.promise;
    const waiting = Promise.withResolvers<Recovered>();
    this.#waiting.set(id, waiting);
    this.#take({ kind: "unreadable", ...chunk });
    return waiting.promise;
  }

  /** Nothing is made again any more. */
  fail(error: unknown): void {
    this.#broken = { error };
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  /** Tells those who wait. */
  recovered(effect: Extract<Effect, { kind: "recovered" }>): void {
    const { stage, index, failure } = effect;
    const id = chunkId(effect);
    const result = failure ?? this.#tables.results.get(stage)?.chunk(index);
    if (result !== undefined) this.#waiting.get(id)?.resolve(result);
    this.#waiting.delete(id);
  }

  /** A chunk that is here anyway: only its copy in the store was bad. */
  async #unspill(results: StageResults, index: number): Promise<FinishedChunk> {
    results.unspill(index);
    const key = chunkKey(results.stage.name, index);
    await quarantineChunk(this.#store, key).catch(() => undefined);
    return results.chunk(index);
  }
}

function chunkId({ stage, index }: Pick<BadChunk, "stage" | "index">): string {
  return `${stage}/${index}`;
}
