import { LambdaskError } from "../base/errors.ts";
import type { LazyArgument } from "../code/lazy/node.ts";
import { nodeOf } from "../code/lazy/node.ts";
import { forEachLeaf, visitNodes } from "../code/lazy/visit-nodes.ts";
import { Future } from "./future.ts";

const depthMax = 200;

/**
 * The futures inside `values`, each once, in order: in lists, records, Maps and Sets at any depth, and among what
 * delayed calls take.
 * @example
 * ```ts
 * const [one, two] = client.map((n: number) => n, [1, 2]);
 * const sum = delayed((a: number, b: number) => a + b)(one ?? 0, two ?? 0);
 * console.log(futuresOf({ one, rest: [sum] }).length); // → 2
 * ```
 */
export function futuresOf(...values: readonly unknown[]): Future<unknown>[] {
  const found = new Set<Future<unknown>>();
  for (const value of values) collect(value, found, 0);
  return [...found];
}

function collect(value: unknown, found: Set<Future<unknown>>, depth: number): void {
  if (depth > depthMax) throw tooDeep();
  const inner = (item: unknown): void => collect(item, found, depth + 1);
  if (value instanceof Future) found.add(value);
  else if (collectOfNode(value, found)) return;
  else if (Array.isArray(value) || value instanceof Set) for (const item of value) inner(item);
  else if (value instanceof Map) for (const item of value.values()) inner(item);
  else if (isRecord(value)) for (const item of Object.values(value)) inner(item);
}

/** True if `value` is delayed: then the futures among its arguments were collected. */
function collectOfNode(value: unknown, found: Set<Future<unknown>>): boolean {
  const root = nodeOf(value);
  if (root === undefined) return false;
  const take = (leaf: LazyArgument): void => {
    if (leaf.kind === "lazy" && leaf.lazy instanceof Future) found.add(leaf.lazy);
  };
  visitNodes([root], (node) => {
    for (const argument of node.arguments) forEachLeaf(argument, take);
  });
  return true;
}

function isRecord(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function tooDeep(): LambdaskError {
  return new LambdaskError("NOT_DATA", {
    message: `futuresOf: the containers are a cycle, or more than ${depthMax} levels deep`,
    fix: "pass a part of them",
  });
}
