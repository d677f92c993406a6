import { type Bag, range } from "../../src/bag.ts";

/** Our side of what is done to a million small records, which the tasks make themselves. */
const count = 1_000_000;
const partitions = 16;
const groups = 1000;
const people = 10_000;

interface Sale {
  readonly id: number;
  readonly shop: number;
  readonly amount: number;
}

function sales(): Bag<Sale> {
  return range(count, { partitions }).map((id) => ({
    id,
    shop: (id * 7919) % 1000,
    amount: id % 97,
  }));
}

async function timed<T>(run: () => Promise<T>, check: (result: T) => boolean): Promise<number> {
  const start = performance.now();
  const result = await run();
  const took = (performance.now() - start) / 1000;
  if (!check(result)) throw new Error(`wrong result: ${JSON.stringify(result).slice(0, 200)}`);
  return took;
}

function totals(of: Bag<Sale>): Promise<[shop: number, total: number][]> {
  return of
    .foldBy(
      (sale) => sale.shop,
      (total, sale) => total + sale.amount,
      { initial: 0, combine: (a, b) => a + b },
    )
    .compute();
}

/** The amounts of each shop added up one by one. */
function areTotals(found: readonly (readonly [shop: number, total: number])[]): boolean {
  const expected = new Float64Array(groups);
  for (let id = 0; id < count; id++) {
    const shop = (id * 7919) % 1000;
    expected[shop] = (expected[shop] ?? 0) + (id % 97);
  }
  return found.length === groups && found.every(([shop, total]) => expected[shop] === total);
}

/** By the names of the benchmarks. */
export const bagWork: Readonly<Record<string, () => Promise<number>>> = {
  "foldby-1m": () => timed(() => totals(sales()), areTotals),
  "foldby-1m-persisted": async () => {
    using kept = await sales().persist();
    return await timed(() => totals(kept), areTotals);
  },
  "groupby-1m": () =>
    timed(
      () =>
        sales()
          .groupBy((sale) => sale.shop, { partitions })
          .map(([shop, group]) => [shop, group.length] as const)
          .compute(),
      (sizes) => sizes.length === groups && sizes.every(([, size]) => size === count / groups),
    ),
  "join-1m": () => {
    const others = Array.from({ length: people }, (_, id) => ({ id, name: `person ${id}` }));
    return timed(
      () =>
        sales()
          .join(
            others,
            (sale) => sale.id % people,
            (person) => person.id,
          )
          .count()
          .compute(),
      (pairs) => pairs === count,
    );
  },
};
