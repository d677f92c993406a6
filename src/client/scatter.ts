import { inlineBytesMax } from "../backend/task.ts";
import { nameOf, nameOfBytes } from "../base/content-name.ts";
import { badArgument, LambdaskError } from "../base/errors.ts";
import type { ContentName } from "../base/ids.ts";
import { annotations } from "../code/lazy/annotations.ts";
import { argumentOf, holdsLazies } from "../code/lazy/argument.ts";
import type { LazyNode } from "../code/lazy/node.ts";
import type { Expr } from "../plan/expr.ts";
import { allIndexes } from "../plan/index-set.ts";
import type { CallSite } from "./call-site.ts";
import type { Engine } from "./engine.ts";
import { type Future, futuresOfBatch, onlyFuture } from "./future.ts";
import { FutureBatch } from "./future-batch.ts";
import { type FutureTargets, nodeTargets } from "./future-targets.ts";
import { literalExpr } from "./graph/graph-expr.ts";
import { packBytes, valueChunk } from "./graph/pack.ts";
import { scatteredName } from "./scattered-names.ts";
import { sessionNonce } from "./submit.ts";

/** What `scatterAll` gives for `T`: a future of each value. */
export type Scattered<T> =
  T extends ReadonlyMap<infer K, infer V>
    ? Map<K, Future<V>>
    : T extends readonly unknown[]
      ? { -readonly [K in keyof T]: Future<T[K]> }
      : T extends Iterable<infer V>
        ? Future<V>[]
        : { -readonly [K in keyof T]: Future<T[K]> };

/** One future of the only value in `values`. */
export function scatterValue<T>(
  engine: Engine,
  { values, site }: { readonly values: readonly unknown[]; readonly site: CallSite },
): Future<T> {
  const where = "client.scatter";
  const [value] = values;
  if (values.length !== 1) throw notOne(values.length);
  if (isPlainData(value)) return onlyFuture(batchOf(engine, [valueChunk(value, where)], site));
  const nodes = [valueNode(value, where)];
  return onlyFuture(new FutureBatch(engine, nodeTargets(nodes, sessionNonce), site));
}

/** A future of each value: of a list a list, of a record a record, of a Map a Map. */
export function scatterValues(
  engine: Engine,
  { values: container, site }: { readonly values: object; readonly site: CallSite },
): unknown {
  const { values, rebuild } = partsOf(container);
  if (values.length === 0) return rebuild([]);
  const where = (i: number): string => `client.scatterAll: value ${i}`;
  if (!values.every(isPlainData)) {
    const nodes = values.map((each, i) => valueNode(each, where(i)));
    const batch = new FutureBatch(engine, nodeTargets(nodes, sessionNonce), site);
    return rebuild(futuresOfBatch(batch));
  }
  const chunks = values.map((each, i) => valueChunk(each, where(i)));
  return rebuild(futuresOfBatch(batchOf(engine, chunks, site)));
}

function notOne(count: number): LambdaskError {
  return new LambdaskError("BAD_ARGUMENT", {
    message: `client.scatter: expected one value, got ${count === 0 ? "none" : count}`,
    fix: "pass the value itself; scatterAll takes a list of values and gives a future of each",
  });
}

/** Large data has an expression of its own, which equal data shares; the small is in one together. */
function batchOf(engine: Engine, chunks: readonly Uint8Array[], site: CallSite): FutureBatch {
  const exprs: Expr[] = [];
  const places: { readonly target: number; readonly index: number }[] = [];
  const numbers = new Map<string, number>();
  const small: Uint8Array[] = [];
  const smallPositions: number[] = [];
  for (const [position, chunk] of chunks.entries()) {
    if (chunk.length <= inlineBytesMax) {
      smallPositions.push(position);
      small.push(chunk);
      continue;
    }
    const name = scatteredName(engine, chunk);
    const target = numbers.get(name) ?? exprs.push(dataExpr([chunk], name)) - 1;
    numbers.set(name, target);
    places[position] = { target, index: 0 };
  }
  if (small.length > 0) {
    const name = small.length === 1 ? nameOfBytes(small[0] ?? "") : nameOf(small.map(nameOfBytes));
    const target = exprs.push(dataExpr(small, name)) - 1;
    for (const [index, position] of smallPositions.entries()) places[position] = { target, index };
  }
  const targets: FutureTargets = {
    count: chunks.length,
    targets: exprs.map((expr) => ({ expr, indexes: allIndexes })),
    place: (position) => places[position] ?? { target: 0, index: 0 },
  };
  return new FutureBatch(engine, targets, site, { storesAbove: inlineBytesMax });
}

function dataExpr(chunks: readonly Uint8Array[], name: ContentName): Expr {
  return literalExpr(packBytes(chunks), sessionNonce, name);
}

function valueNode(value: unknown, where: string): LazyNode {
  return {
    kind: "node",
    action: { kind: "value" },
    arguments: [argumentOf(value, { where })],
    options: annotations(),
    nonce: "",
  };
}

/** False if there are lazies or futures in it, which must be computed first. */
function isPlainData(value: unknown): boolean {
  return !holdsLazies(value);
}

/** The values of a container, and how one like it is made. */
function partsOf(container: unknown): {
  readonly values: readonly unknown[];
  readonly rebuild: (futures: readonly Future<unknown>[]) => unknown;
} {
  if (container instanceof Map) {
    const keys = [...container.keys()];
    const rebuild = (futures: readonly unknown[]): unknown =>
      new Map(keys.map((key, i) => [key, futures[i]]));
    return { values: [...container.values()], rebuild };
  }
  if (typeof container === "object" && container !== null) {
    if (Symbol.iterator in container && !ArrayBuffer.isView(container)) {
      return { values: [...(container as Iterable<unknown>)], rebuild: (futures) => futures };
    }
    const prototype: unknown = Object.getPrototypeOf(container);
    if (prototype === Object.prototype || prototype === null) {
      const keys = Object.keys(container);
      const rebuild = (futures: readonly unknown[]): unknown =>
        Object.fromEntries(keys.map((key, i) => [key, futures[i]]));
      return { values: Object.values(container), rebuild };
    }
  }
  throw badArgument("client.scatterAll", "a list, a record or a Map of values", container);
}
