import { badArgument, LambdaskError } from "../base/errors.ts";
import { plainContainer, rebuildNested } from "../base/nested.ts";
import { isLazy, type Lazy } from "./collection.ts";
import type { Computable } from "./computable.ts";

/** A collection, or a list, record, Map or Set of collections, nested as deep as you like. */
export type LazyStructure = Computable | Readonly<Record<string, unknown>>;

/** `value` with every lazy in it replaced, in lists, records, Maps and Sets however nested. */
export function replaceLazies(value: unknown, replace: (lazy: Lazy) => unknown): unknown {
  return rebuildNested(value, {
    open: (item) =>
      isLazy(item) ? { value: replace(item) } : (plainContainer(item) ?? { value: item }),
    cycle: inCycle,
  });
}

/** All lazies in `values`, each once; a BAD_ARGUMENT error that names `where` and the one that holds none. */
export function laziesIn(values: readonly unknown[], where: string): Lazy[] {
  const found = new Set<Lazy>();
  for (const [i, value] of values.entries()) {
    let here = 0;
    replaceLazies(value, (lazy) => {
      here += 1;
      found.add(lazy);
      return lazy;
    });
    const argument = values.length === 1 ? where : `${where}: argument ${i + 1}`;
    if (here === 0) throw badArgument(argument, "a Delayed or a bag, or a list of them", value);
  }
  return [...found];
}

function inCycle(): LambdaskError {
  return new LambdaskError("NOT_DATA", {
    message: "not plain data: a list, record, Map or Set with lazies in it lies in itself",
    fix: "pass a part of it, without the reference back",
  });
}
