import { present } from "../base/assert.ts";
import type { Expr } from "../plan/expr.ts";
import type { PublishedKind } from "./collection.ts";

/** Published chunks, of which a collection is made. */
interface PublishedWork {
  readonly expr: Expr;
  /** The one chunk that it is; left out: all of them. */
  readonly chunk?: number;
}

/** Makes the collection of published chunks. */
export type MakePublished = (work: PublishedWork) => unknown;

const kinds = new Map<PublishedKind, () => Promise<MakePublished>>();

/** Says how collections of a kind are made; `load` is called when the first of them is asked for. */
export function installKind(kind: PublishedKind, load: () => Promise<MakePublished>): void {
  kinds.set(kind, load);
}

/** What makes collections of a kind; `undefined` if there is no such kind here. */
export async function makerOf(kind: string): Promise<MakePublished | undefined> {
  if (!kinds.has(kind as PublishedKind)) return undefined;
  return await present(kinds.get(kind as PublishedKind), "a kind")();
}
