import { computeWork } from "../../client/compute.ts";
import type { Expr } from "../../plan/expr.ts";

/** The parts of a bag whose chunks are kept, one after another: one is held at a time. */
export async function* partsInOrder(kept: Expr): AsyncGenerator<unknown[]> {
  for (let start = 0; ; start++) {
    const [part] = await computeWork(
      {
        expr: kept,
        indexes: { kind: "range", start, end: start + 1 },
        assemble: (chunks) => chunks as readonly unknown[][],
      },
      undefined,
      "for await over a bag",
    );
    if (part === undefined) return;
    yield part;
  }
}
