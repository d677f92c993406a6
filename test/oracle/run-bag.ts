import type { Bag, Item } from "../../src/bag.ts";
import { present } from "../../src/base/assert.ts";
import { nameOf } from "../../src/base/content-name.ts";
import { seededRandom } from "../../src/base/seeded-random.ts";
import { lazyKey } from "../../src/client/collection.ts";
import { settledWorks } from "../../src/client/graph/late-nodes.ts";
import { nodeWorks } from "../../src/client/graph/node-works.ts";
import type { Expr } from "../../src/plan/expr.ts";
import type { PlanOptions } from "../../src/plan/plan-options.ts";
import { InProcess } from "../collections/bag/in-process.ts";

/** Numbers of parts that every operation is tried with. */
export const partitionCounts: readonly number[] = [1, 2, 7, 32];

/** Sequences that every operation is tried with: none, fewer records than parts, and many. */
export const sequences: ReadonlyMap<string, readonly number[]> = new Map([
  ["no records", []],
  ["one record", [5]],
  ["five records", [3, 1, 2, 3, 3]],
  ["2,000 records (seed 7)", randomNumbers(2000, 50)],
]);

function randomNumbers(count: number, below: number): number[] {
  const random = seededRandom(7);
  return Array.from({ length: count }, () => random.below(below));
}

/** The expression behind a bag or an item. */
export function exprOf(lazy: Bag<unknown> | Item<unknown>): Expr {
  const { family, source } = lazy[lazyKey];
  const [work] = settledWorks(family.works([source]), nodeWorks);
  if (work === undefined) throw new Error("a bag is one work");
  return work.expr;
}

/** The records of each part of a bag, run in this process. */
export async function partsOf<T>(bag: Bag<T>, options?: Partial<PlanOptions>): Promise<T[][]> {
  return (await new InProcess(options).parts(exprOf(bag))) as T[][];
}

/** The records of a bag, run in this process. */
export async function recordsOf<T>(bag: Bag<T>, options?: Partial<PlanOptions>): Promise<T[]> {
  return (await partsOf(bag, options)).flat();
}

/** The value of an item, made in this process. */
export async function itemValue<T>(item: Item<T>, options?: Partial<PlanOptions>): Promise<T> {
  const parts = (await new InProcess(options).parts(exprOf(item))) as T[][];
  return present(parts[0], "the chunk of an item")[0] as T; // There is one value in it.
}

/** Records in an order of their own, for results whose order nobody promises. */
export function sorted<T>(records: readonly T[]): T[] {
  const named = records.map((record) => ({ record, name: nameOf(record) }));
  return named.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ record }) => record);
}

/** Groups in plain JavaScript: keys that are equal as content are one key. */
export function groupsOf<T>(
  records: readonly T[],
  key: (record: T) => unknown,
): [key: unknown, records: T[]][] {
  const groups = new Map<string, [unknown, T[]]>();
  for (const record of records) {
    const value = key(record);
    const name = nameOf(Object.is(value, -0) ? 0 : value);
    const group = groups.get(name);
    if (group) group[1].push(record);
    else groups.set(name, [value, [record]]);
  }
  return [...groups.values()];
}
