import { Batches } from "../../chunk/batches.ts";
import { computeWork } from "../../client/compute.ts";
import type { Expr } from "../../plan/expr.ts";

/** The parts of a bag whose chunks are kept, one after another: one is held at a time. */
export async function* partsInOrder(kept: Expr): AsyncGenerator<unknown[]> {
  for (let part = 0; ; part++) {
    const [records] = await chunkOf(kept, { part, where: "for await over a bag" });
    if (records === undefined) return;
    yield records as unknown[]; // Parts of bags are decoded to arrays.
  }
}

/** The records of a bag whose chunks are kept, in order. They are read as they are wanted: no part is held. */
export async function* recordsInOrder(kept: Expr): AsyncGenerator<unknown> {
  for (let part = 0; ; part++) {
    const [records] = await chunkOf(kept, { part, where: "bag.records", streams: true });
    if (records === undefined) return;
    if (!(records instanceof Batches))
      yield* records as readonly unknown[]; // As above.
    else for await (const batch of records) for (const record of batch) yield record;
  }
}

interface Reading {
  readonly part: number;
  readonly where: string;
  readonly streams?: boolean;
}

/** One chunk; none behind the last part. */
function chunkOf(expr: Expr, { part, where, ...streams }: Reading): Promise<readonly unknown[]> {
  const indexes = { kind: "range", start: part, end: part + 1 } as const;
  const assemble = (chunks: readonly unknown[]): readonly unknown[] => chunks;
  return computeWork({ expr, indexes, assemble, ...streams }, undefined, where);
}
