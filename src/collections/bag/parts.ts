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
    const [records] = await chunkOf(kept, { part, where: recordsOf, streams: true });
    if (records === undefined) return;
    if (records instanceof Batches) yield* streamed(records, kept, part);
    else yield* records as readonly unknown[]; // As above.
  }
}

const recordsOf = "bag.records";

async function* streamed(records: Batches, kept: Expr, part: number): AsyncGenerator<unknown> {
  let given = 0;
  try {
    for await (const batch of records) {
      for (const record of batch) {
        given += 1;
        yield record;
      }
    }
  } catch {
    // Its bytes are gone or wrong, perhaps in the middle: who reads a part as a whole has them made again.
    const [whole] = await chunkOf(kept, { part, where: recordsOf });
    yield* (whole as readonly unknown[]).slice(given);
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
