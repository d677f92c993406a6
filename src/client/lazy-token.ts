import { nameOf } from "../base/content-name.ts";
import { lazyParts } from "./collection.ts";

/** A text that equal collections share: what they compute, not whether it was computed. */
export function lazyToken(lazy: object): string {
  const { family, source } = lazyParts(lazy, "tokenize");
  if (family.token) return family.token(source);
  return nameOf(family.works([source]).map(({ expr, indexes }) => [expr.name, indexes]));
}
