import { encodeValue } from "../../chunk/value-codec.ts";
import { isLazy } from "../../client/collection.ts";
import { literalExpr } from "../../client/graph/graph-expr.ts";
import { lateChunkExpr } from "../../client/graph/late-chunk.ts";
import { heldPlacesOf } from "../../client/graph/lazy-places.ts";
import { packBytes, valueChunk } from "../../client/graph/pack.ts";
import { holdsLazies } from "../../code/lazy/argument.ts";
import { nodeOf } from "../../code/lazy/node.ts";
import type { Expr } from "../../plan/expr.ts";
import type { Layout } from "../../plan/lower-context.ts";
import type { Slot } from "../../plan/stage.ts";
import { delayedValue } from "../delayed-builder.ts";
import { bagOrNothing } from "./bag-core.ts";

/** What an operation on a bag takes beside the bag: another bag, part by part, or one value for all parts. */
export interface Beside {
  readonly expr: Expr;
  readonly from: BesideFrom;
}

/** `records`: part i beside part i. Otherwise the chunk whose value goes with every part. */
export type BesideFrom = "records" | { readonly index: number };

/** What `given` stand for: bags go part by part, other lazies, what holds lazies, and plain data are one value for all. */
export function besides(given: readonly unknown[], where: string): Beside[] {
  const values = given.map((value) =>
    !isLazy(value) && holdsLazies(value) ? delayedValue(value, { traverse: true }) : value,
  );
  const singles = values.filter(
    (value) => isLazy(value) && bagOrNothing(value) === undefined && !nodeOf(value),
  );
  const places = heldPlacesOf(singles, where).values();
  return values.map((value, i): Beside => {
    const bag = bagOrNothing(value);
    if (bag) return { expr: bag, from: "records" };
    const node = nodeOf(value);
    if (node) return { expr: lateChunkExpr(node, "value"), from: { index: 0 } };
    const place = isLazy(value) ? places.next().value : undefined;
    if (place) return { expr: place.expr, from: { index: place.index } };
    encodeValue(value, `${where}: argument ${i + 2}`);
    return { expr: literalExpr(packBytes([valueChunk(value)])), from: { index: 0 } };
  });
}

/** The slot through which every one of `count` tasks reads it. */
export function besideSlot(
  from: BesideFrom,
  { stage, count: chunks }: Layout,
  count: number,
): Slot {
  if (from === "records") return { stage, mapping: { kind: "one" } };
  const { index } = from;
  const broadcast = count > 1;
  if (chunks === 1) return { stage, mapping: { kind: "all" }, broadcast };
  const starts = [new Uint32Array(count).fill(index)];
  const ends = [new Uint32Array(count).fill(index + 1)];
  const mapping = { kind: "ranges", consumer: [count], producer: [chunks], starts, ends } as const;
  return { stage, mapping, broadcast };
}
