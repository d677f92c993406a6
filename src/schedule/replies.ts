import type { Backend } from "../backend/backend.ts";
import { indexOfKey } from "../backend/chunk-key.ts";
import type { InvocationOutcome, TaskResult } from "../backend/task.ts";
import type { ChunkKey } from "../base/ids.ts";
import { quarantineChunk } from "./chunk-io.ts";
import { encodeReply, type JournalEntry } from "./journal.ts";
import type { StageResults } from "./results.ts";
import type { StageState } from "./state.ts";
import { done, failed } from "./task-state.ts";

/** What replies need of the driver. */
export interface ReplyTables {
  results(stage: StageState): StageResults;
  /** `undefined` once the stage is gone: its last readers may answer later. */
  resultsLeft(stage: StageState): StageResults | undefined;
  /** The journal of the run that the stage belongs to, if it has one. */
  journal(stage: StageState): string | undefined;
}

/** What was taken out of a reply, and what must be over before the machine may see it. */
export interface Taken {
  readonly count: number;
  readonly bytes: number;
  readonly rows: number;
  /** Tasks of a stage that should give the same bytes each time, and did not. */
  readonly differing: readonly number[];
  readonly wait: Promise<void> | undefined;
}

type DoneResult = Extract<TaskResult, { status: "done" }>;

/** Puts results into the journal and the tables before the machine learns of them. */
export class Replies {
  readonly #backend: Backend;
  readonly #tables: ReplyTables;

  constructor(backend: Backend, tables: ReplyTables) {
    this.#backend = backend;
    this.#tables = tables;
  }

  /** Throws, or `wait` rejects, if the journal cannot be written. */
  take(stage: StageState, outcome: InvocationOutcome): Taken {
    const differing = stage.stage.options.ordered ? this.#differing(stage, outcome) : [];
    const fresh = this.#fresh(stage, outcome);
    const journaled = this.#journal(stage, fresh);
    const results = this.#tables.results(stage);
    const { worker } = outcome;
    let bytes = 0;
    let rows = 0;
    for (const { index, output, lazy } of fresh) {
      results.set(index, output, { worker, lazy });
      bytes += output.bytes;
      rows += output.rows;
    }
    const mended = this.#unspill(stage, outcome);
    const wait =
      journaled === undefined && mended === undefined
        ? undefined
        : Promise.all([journaled, mended]).then(() => undefined);
    return { count: fresh.length, bytes, rows, differing, wait };
  }

  /** Results of tasks that have none yet: the first answer counts. */
  #fresh(stage: StageState, outcome: InvocationOutcome): DoneResult[] {
    const fresh: DoneResult[] = [];
    for (const result of outcome.results) {
      if (result.status !== "done" || result.index >= stage.stage.count) continue;
      const state = stage.states[result.index];
      if (state !== done && state !== failed) fresh.push(result);
    }
    return fresh;
  }

  /** Of tasks that are done already: those whose other attempt gave other bytes than the one that counts. */
  #differing(stage: StageState, outcome: InvocationOutcome): number[] {
    const results = this.#tables.results(stage);
    return outcome.results.flatMap((result) => {
      if (result.status !== "done" || stage.states[result.index] !== done) return [];
      const { index, output } = result;
      const checksum = results.checksum(index);
      return checksum === undefined || checksum === output.checksum ? [] : [index];
    });
  }

  #journal(stage: StageState, entries: readonly JournalEntry[]): Promise<void> | undefined {
    const journal = this.#tables.journal(stage);
    if (journal === undefined || entries.length === 0) return undefined;
    const record = encodeReply({ name: stage.stage.name, entries });
    return this.#backend.runs.append(journal, record) ?? undefined;
  }

  /** A spilled copy of an inline chunk that was lost or bad is moved out of the way, and the original sent again. */
  #unspill(stage: StageState, outcome: InvocationOutcome): Promise<void> | undefined {
    const moves: Promise<void>[] = [];
    for (const result of outcome.results) {
      if (result.status !== "failed") continue;
      const { failure } = result;
      if (failure.kind !== "lost-input" && failure.kind !== "corrupt-input") continue;
      for (const { producer } of stage.slots) {
        const move = this.#unspillOne(producer, failure.key);
        if (move !== undefined) moves.push(move);
      }
    }
    return moves.length === 0 ? undefined : Promise.all(moves).then(() => undefined);
  }

  #unspillOne(producer: StageState, key: ChunkKey): Promise<void> | undefined {
    const results = this.#tables.resultsLeft(producer);
    const index = indexOfKey(key);
    const isIts = key.split("/").at(-3) === producer.stage.name;
    if (!isIts || !results?.isInline(index)) return undefined;
    results.unspill(index);
    return quarantineChunk(this.#backend.store, key).catch(() => undefined);
  }
}
