import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "vitest";
import { chunkKey } from "../../src/backend/chunk-key.ts";
import { present } from "../../src/base/assert.ts";
import { formatBytes } from "../../src/base/byte-size.ts";
import { localBackend } from "../../src/local/local-backend.ts";
import { type Expr, makeExpr } from "../../src/plan/expr.ts";
import { allIndexes } from "../../src/plan/index-set.ts";
import type { Layout } from "../../src/plan/lower-context.ts";
import type { PlanOptions } from "../../src/plan/plan-options.ts";
import type { WantedExpr } from "../../src/plan/plan-request.ts";
import type { MemoryClass, MemoryProjection } from "../../src/plan/stage.ts";
import { range } from "../plan/support/range.ts";
import { BackendPlace } from "../probes/places.ts";
import { childrenOf, peakOf } from "./worker-peaks.ts";

export const mebibyte: number = 2 ** 20;

/** What a task took, and what was projected for it, in bytes. */
export interface Measured {
  readonly class: MemoryClass;
  readonly projected: number;
  readonly measured: number;
  readonly reserved: number;
  /** For messages. */
  readonly said: string;
}

/** One worker after another over one store. */
export class Bench implements Disposable {
  readonly folder: string;
  readonly #memory: number;
  readonly #options: Partial<PlanOptions>;

  /** `memory`: bytes of each worker. */
  constructor(memory: number, options: Partial<PlanOptions> = {}) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-memory-"));
    this.#memory = memory;
    this.#options = options;
  }

  /** Leaves the chunks of `exprs` in the store. The worker that does it also compiles what later ones find compiled. */
  async prepare(...exprs: readonly Expr[]): Promise<void> {
    await using place = this.#place();
    await place.run(exprs.map((expr) => ({ expr, indexes: noIndexes, store: true })));
    await place.run(exprs.map((expr) => ({ expr, indexes: allIndexes, store: true })));
  }

  /**
   * The largest peak of `workers` fresh workers that run one task each of the last stage of `expr`. What it reads is
   * found in the store: `inputs`, and what `rehearse` made of these.
   */
  async measure(expr: Expr, inputs: readonly Expr[], workers: number): Promise<Measured> {
    const all: Ran[] = [];
    for (const run of range(workers)) {
      all.push(await this.#runOnly(expr, inputs, run % (all[0]?.count ?? 1)));
    }
    const peaks = all.map(({ peak }) => peak);
    const { class: memoryClass, total: projected, reserved } = present(all[0], "a run").memory;
    const measured = Math.max(...peaks);
    const said = `${memoryClass}: measured ${formatBytes(measured)} (${peaks.map(formatBytes)}), projected ${formatBytes(projected)}, reserved ${formatBytes(reserved)}`;
    return { class: memoryClass, projected, measured, reserved, said };
  }

  /** Leaves the chunks of all stages of `expr` but the last in the store. */
  async rehearse(expr: Expr, inputs: readonly Expr[]): Promise<void> {
    await this.#runOnly(expr, inputs, 0);
  }

  async #runOnly(expr: Expr, inputs: readonly Expr[], index: number): Promise<Ran> {
    await using place = this.#place();
    const indexes = { kind: "range", start: index, end: index + 1 } as const;
    const kept = inputs.map((input): WantedExpr => ({ expr: input, indexes: noIndexes }));
    const { stages } = await place.run([{ expr, indexes, store: true }, ...kept], this.#options);
    const { name, count, memory } = present(stages.at(-1), "a stage");
    const peak = peakOfWorker();
    await this.#backend().store.delete(chunkKey(name, index));
    return { peak, count, memory };
  }

  [Symbol.dispose](): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  #backend(): ReturnType<typeof localBackend> {
    return localBackend({ processes: 1, memory: this.#memory, store: this.folder });
  }

  #place(): BackendPlace {
    return new BackendPlace(this.#backend(), () => undefined, true);
  }
}

interface Ran {
  readonly peak: number;
  /** Tasks of the stage. */
  readonly count: number;
  readonly memory: MemoryProjection;
}

/** Its chunks stay apart from those of its readers, and are not computed. */
const noIndexes = { kind: "range", start: 0, end: 0 } as const;

/** The most memory that this process's only worker has had. */
function peakOfWorker(): number {
  const peaks = childrenOf(process.pid).map(peakOf);
  expect(peaks).toHaveLength(1);
  return present(peaks[0], "the peak of a worker");
}

/**
 * The first stage that `expr` lowers to, or a later one, as an expression of its own: a tree's partial results, an
 * exchange's producers.
 */
export function stageOf(expr: Expr, position = 0): Expr {
  const { operation, params, children, functions, annotations } = expr;
  return makeExpr({
    operation: {
      name: `${operation.name}: stage ${position}`,
      version: operation.version,
      lower: (_, context) => {
        const emitted: Layout[] = [];
        const lowered = operation.lower(expr, {
          ...context,
          emit: (draft) => {
            const layout = context.emit(draft);
            emitted.push(layout);
            return layout;
          },
        });
        const layout = emitted[position];
        if (layout !== undefined) return { kind: "layout", layout };
        if (lowered.kind === "wait") return lowered;
        throw new Error(`${operation.name} has ${emitted.length} stages`);
      },
    },
    params,
    children,
    functions,
    annotations,
  });
}

/** Both inequalities of a task that is large enough for the second to mean something. */
export function expectTight(got: Measured, expected: MemoryClass): void {
  expect(got.projected - got.reserved, got.said).toBeGreaterThanOrEqual(64 * mebibyte);
  expectBoth(got, expected);
}

/** Both inequalities, and how the projection was made. */
export function expectBoth(
  { class: memoryClass, measured, projected, reserved, said }: Measured,
  expected: MemoryClass,
): void {
  expect(memoryClass).toBe(expected);
  expect(measured, said).toBeLessThanOrEqual(projected);
  expect(projected - reserved, said).toBeLessThanOrEqual(3 * (measured - reserved));
}
