import { badArgument, LambdaskError } from "../base/errors.ts";
import { annotations } from "../code/lazy/annotations.ts";
import { argumentOf } from "../code/lazy/argument.ts";
import { type CallSettings, nextNonce } from "../code/lazy/call-settings.ts";
import type { LazyArgument, NodeOptions } from "../code/lazy/node.ts";
import { impureNonce } from "../plan/expr.ts";
import { sessionNonce } from "./call-group.ts";
import type { CallSite } from "./call-site.ts";
import type { Engine } from "./engine.ts";
import { type Future, futuresOfBatch } from "./future.ts";
import { FutureBatch } from "./future-batch.ts";
import { chunkTargets, type FutureTargets, nodeTargets } from "./future-targets.ts";
import { itemCallsExpr } from "./graph/item-calls.ts";
import { type CheckedMapOptions, checkMapOptions, type MapOptions } from "./map-options.ts";
import { callSettingsOf, nodeOf } from "./submit.ts";

/** Calls over many items to begin. */
export interface MappedCalls {
  readonly call: unknown;
  /** Lists of items of equal length, and then options if there are any. */
  readonly values: readonly unknown[];
  readonly site: CallSite;
}

const where = "client.map";

/** Begins one call per item, with an item of each list, its index, and what is given to all. */
export function mapCalls<T>(engine: Engine, { call, values, site }: MappedCalls): Future<T>[] {
  const { lists, options } = split(values);
  const settings = callSettingsOf(where, call);
  const columns = columnsOf(lists);
  const count = columns[0]?.length ?? 0;
  const checked = checkMapOptions(where, options, count);
  const calls = new Calls(settings, columns, checked);
  const futures: Future<T>[] = [];
  for (let start = 0; start < count; start += checked.batchSize) {
    const targets = calls.targets(start, Math.min(count, start + checked.batchSize));
    const batch = futuresOfBatch<T>(new FutureBatch(engine, targets, site).begin());
    if (batch.length === count) return batch;
    for (const future of batch) futures.push(future);
  }
  return futures;
}

/** Options are no list, and come last. */
function split(values: readonly unknown[]): {
  readonly lists: readonly unknown[];
  readonly options: MapOptions | undefined;
} {
  const last = values.at(-1);
  const isOptions = typeof last === "object" && last !== null && !(Symbol.iterator in last);
  if (values.length < 2 || !(isOptions || last === undefined)) {
    return { lists: values, options: undefined };
  }
  return { lists: values.slice(0, -1), options: last };
}

/** The items of each list as arguments. */
function columnsOf(lists: readonly unknown[]): LazyArgument[][] {
  const names = lists.map((_, at) => (lists.length === 1 ? "items" : `list ${at + 1}`));
  // At least the list that is missing.
  const given = lists.length === 0 ? [undefined] : lists;
  const columns = given.map((list, at) => {
    const column: LazyArgument[] = [];
    const place = at === 0 ? where : `${where}: list ${at + 1}`;
    for (const value of iterable(`${where}: ${names[at] ?? "items"}`, list)) {
      column.push(argumentOf(value, { where: place, item: column.length }));
    }
    return column;
  });
  const lengths = columns.map(({ length }) => length);
  if (new Set(lengths).size > 1) throw unequal(lengths);
  return columns;
}

function unequal(lengths: readonly number[]): LambdaskError {
  return new LambdaskError("BAD_ARGUMENT", {
    message: `${where}: the lists have ${lengths.join(", ")} items, and each call takes one of every list`,
    fix: "give lists of equal length; what all calls take goes into the option broadcast",
    data: { where, lengths },
  });
}

function iterable(place: string, items: unknown): Iterable<unknown> {
  // A delayed list is a function, and cannot be iterated: its length is not known.
  if (typeof items === "object" && items !== null && Symbol.iterator in items) {
    return items as Iterable<unknown>; // What has an iterator can be iterated.
  }
  throw badArgument(place, "something to iterate over", items);
}

/** The calls of one map, some of them at a time. */
class Calls {
  readonly #settings: CallSettings;
  readonly #columns: readonly (readonly LazyArgument[])[];
  readonly #broadcast: readonly LazyArgument[];
  readonly #retries: readonly number[] | undefined;
  readonly #around: NodeOptions;
  /** Options are one object for all calls that have the same. */
  readonly #byRetries = new Map<number, NodeOptions>();

  constructor(
    settings: CallSettings,
    columns: readonly (readonly LazyArgument[])[],
    options: CheckedMapOptions,
  ) {
    const { pure, work, retries, broadcast } = options;
    this.#settings = { ...settings, pure: pure ?? settings.pure };
    this.#columns = columns;
    this.#around = { ...annotations(), ...settings.options, ...work };
    this.#retries = retries;
    this.#broadcast =
      broadcast === undefined
        ? []
        : [argumentOf(broadcast.value, { where: `${where}: broadcast` })];
  }

  targets(start: number, end: number): FutureTargets {
    const expr = this.#itemCalls(start, end);
    if (expr !== undefined) return chunkTargets(expr, end - start);
    const nodes = Array.from({ length: end - start }, (_, i) => {
      const at = start + i;
      const values = this.#columns.map((column) => column[at] ?? none);
      const index = { kind: "data", value: at } as const;
      const settings = { ...this.#settings, options: this.#options(at) };
      return nodeOf(settings, [...values, index, ...this.#broadcast]);
    });
    return nodeTargets(nodes, sessionNonce);
  }

  #itemCalls(start: number, end: number): ReturnType<typeof itemCallsExpr> {
    const { action, pure } = this.#settings;
    if (action.kind !== "call" || this.#retries !== undefined) return undefined;
    return itemCallsExpr({
      function: action.function,
      columns: this.#columns.map((column) => column.slice(start, end)),
      first: start,
      broadcast: this.#broadcast,
      options: this.#around,
      nonce: pure ? sessionNonce : impureNonce(nextNonce()),
    });
  }

  #options(at: number): NodeOptions {
    const retries = this.#retries?.[at];
    if (retries === undefined) return this.#around;
    const known = this.#byRetries.get(retries);
    if (known) return known;
    const made = { ...this.#around, retries };
    this.#byRetries.set(retries, made);
    return made;
  }
}

const none: LazyArgument = { kind: "data", value: undefined };
