import { inlineBytesMax } from "../backend/task.ts";
import { checkOptions } from "../base/check-options.ts";
import { nameOf, nameOfBytes } from "../base/content-name.ts";
import { badArgument, LambdaskError } from "../base/errors.ts";
import type { ContentName } from "../base/ids.ts";
import { isRecord } from "../base/nested.ts";
import { annotations } from "../code/lazy/annotations.ts";
import { argumentOf, holdsLazies } from "../code/lazy/argument.ts";
import { type LazyNode, valueNode } from "../code/lazy/node.ts";
import { broadcast, type Expr } from "../plan/expr.ts";
import { allIndexes } from "../plan/index-set.ts";
import { sessionNonce } from "./call-group.ts";
import type { CallSite } from "./call-site.ts";
import type { Engine } from "./engine.ts";
import { type Future, futuresOfBatch, onlyFuture } from "./future.ts";
import { FutureBatch } from "./future-batch.ts";
import { type FutureTargets, nodeTargets } from "./future-targets.ts";
import { literalExpr } from "./graph/graph-expr.ts";
import { packBytes, valueChunk } from "./graph/pack.ts";
import type { Computed } from "./lazy-types.ts";
import { scatteredName } from "./scattered-names.ts";

/** How data is scattered. */
export interface ScatterOptions {
  /**
   * Many calls will take it: each worker fetches it from the store once and keeps it on its own disk as long as it
   * lives. Where the store is on the workers' own machine there is nothing to fetch. Default: false.
   */
  readonly broadcast?: boolean;
}

/** What `scatterAll` gives for `T`: a future of each value, in which lazies are computed. */
export type Scattered<T> =
  T extends ReadonlyMap<infer K, infer V>
    ? Map<K, Future<Computed<V>>>
    : T extends readonly unknown[]
      ? { -readonly [K in keyof T]: Future<Computed<T[K]>> }
      : T extends Iterable<infer V>
        ? Future<Computed<V>>[]
        : { -readonly [K in keyof T]: Future<Computed<T[K]>> };

/** One future of the first of `values`; options come second. */
export function scatterValue<T>(
  engine: Engine,
  { values, site }: { readonly values: readonly unknown[]; readonly site: CallSite },
): Future<T> {
  const where = "client.scatter";
  const [value, options] = values;
  if (values.length === 0 || values.length > 2 || !mayBeOptions(options)) {
    throw notOne(values.length);
  }
  const scattering = { engine, site, ...checkScatterOptions(where, options) };
  return onlyFuture(
    isPlainData(value)
      ? batchOf(scattering, [valueChunk(value, where)])
      : batchOfNodes(scattering, [givenNode(value, where)]),
  );
}

/** What is no plain record is a second value. */
function mayBeOptions(given: unknown): given is object | undefined {
  return given === undefined || isRecord(given);
}

function checkScatterOptions(
  where: string,
  options: ScatterOptions | undefined,
): Pick<Scattering, "isBroadcast"> {
  const given = checkOptions<ScatterOptions>(where, options, ["broadcast"]);
  const { broadcast: isBroadcast = false } = given;
  if (typeof isBroadcast === "boolean") return { isBroadcast };
  throw badArgument(`${where}: broadcast`, "true or false", isBroadcast);
}

/** Who scatters, and how. */
interface Scattering {
  readonly engine: Engine;
  readonly site: CallSite;
  readonly isBroadcast: boolean;
}

/** A future of each value: of a list a list, of a record a record, of a Map a Map. */
export function scatterValues(
  engine: Engine,
  {
    values: container,
    options,
    site,
  }: {
    readonly values: object;
    readonly options: ScatterOptions | undefined;
    readonly site: CallSite;
  },
): unknown {
  const { values, rebuild } = partsOf(container);
  const scattering = { engine, site, ...checkScatterOptions("client.scatterAll", options) };
  if (values.length === 0) return rebuild([]);
  const where = (i: number): string => `client.scatterAll: value ${i}`;
  if (!values.every(isPlainData)) {
    const nodes = values.map((each, i) => givenNode(each, where(i)));
    return rebuild(futuresOfBatch(batchOfNodes(scattering, nodes)));
  }
  const chunks = values.map((each, i) => valueChunk(each, where(i)));
  return rebuild(futuresOfBatch(batchOf(scattering, chunks)));
}

function notOne(count: number): LambdaskError {
  return new LambdaskError("BAD_ARGUMENT", {
    message: `client.scatter: expected one value, got ${count === 0 ? "none" : count}`,
    fix: "pass the value itself; scatterAll takes a list of values and gives a future of each",
  });
}

/** Large data has an expression of its own, which equal data shares; the small is in one together. */
function batchOf(scattering: Scattering, chunks: readonly Uint8Array[]): FutureBatch {
  const { engine, site } = scattering;
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
    areApart: false,
    place: (position) => places[position] ?? { target: 0, index: 0 },
  };
  return new FutureBatch(engine, marked(targets, scattering), site, {
    storesAbove: inlineBytesMax,
  }).begin();
}

/** What has lazies in it is put together by tasks. */
function batchOfNodes(scattering: Scattering, nodes: readonly LazyNode[]): FutureBatch {
  const { engine, site } = scattering;
  return new FutureBatch(
    engine,
    marked(nodeTargets(nodes, sessionNonce), scattering),
    site,
  ).begin();
}

/** The mark is the futures' own: equal data that was scattered without it is the same chunk, and has none. */
function marked(futures: FutureTargets, { isBroadcast }: Scattering): FutureTargets {
  if (!isBroadcast) return futures;
  const targets = futures.targets.map((target) => ({ ...target, expr: broadcast(target.expr) }));
  return { ...futures, targets };
}

function dataExpr(chunks: readonly Uint8Array[], name: ContentName): Expr {
  return literalExpr(packBytes(chunks), sessionNonce, name);
}

function givenNode(value: unknown, where: string): LazyNode {
  return valueNode(argumentOf(value, { where }), annotations());
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
    if (isRecord(container)) {
      const keys = Object.keys(container);
      const rebuild = (futures: readonly unknown[]): unknown =>
        Object.fromEntries(keys.map((key, i) => [key, futures[i]]));
      return { values: Object.values(container), rebuild };
    }
  }
  throw badArgument("client.scatterAll", "a list, a record or a Map of values", container);
}
