/** A program that chains links, each with types that depend on what came before. */
interface Chain {
  readonly declarations: string;
  readonly start: string;
  /** What comes after `before`, which had `linksBefore` links. */
  next(before: string, linksBefore: number): string;
  /** Links that `next` adds. */
  readonly linksAtOnce: number;
  /** The type of the end. */
  typeAfter(links: number): string;
}

export const verbsOfBag: Chain = {
  declarations: 'const other = fromSequence(["a"]);',
  start: "fromSequence([1])",
  next: (before) => `${before}
  .map((n) => ({ n, text: String(n), list: [n, n + 1] as const }))
  .filter((record): record is typeof record & { n: 1 } => record.n === 1)
  .zip(other)
  .map(([record, label], factor) => ({ ...record, label, scaled: record.n * factor }), 2)
  .groupBy((record) => record.text)
  .map(([text, records]) => [text, records.length] as const)
  .foldBy(([text]) => text, (total: number, [, n]) => total + n, { initial: 0, combine: (a, b) => a + b })
  .pluck(1)`,
  linksAtOnce: 8,
  typeAfter: () => "Bag<number>",
};

/** The type of a record that grows is another one after each verb. */
export const growingRecords: Chain = {
  declarations: "",
  start: "fromSequence([{ f0: 1 }])",
  next: (before, n) =>
    `${before}\n  .map((record) => ({ ...record, f${n + 1}: record.f${n} + 1 }))`,
  linksAtOnce: 1,
  typeAfter: (links) =>
    `Bag<{ ${Array.from({ length: links + 1 }, (_, n) => `f${n}: number`).join("; ")} }>`,
};

/** Calls on what calls and members give, and calls of futures that take futures. */
export const delayedAndFutures: Chain = {
  declarations: `declare const client: Client;
const record = (n: number) => ({ n, text: String(n), list: [n, n + 1] as const });
const lazyRecord = delayed(record);
const sum = (all: readonly number[]) => all.reduce((a, b) => a + b);`,
  start: "[delayed(1), client.submit(() => 1)] as const",
  next: (before, n) => `((of${n}) => [
  lazyRecord(lazyRecord(of${n}[0]).list[1]).n,
  client.submit(sum, client.map(({ n }: { n: number }) => n, [client.submit(record, of${n}[1])])),
] as const)(${before})`,
  linksAtOnce: 8,
  typeAfter: () => "readonly [Delayed<number>, Future<number>]",
};

/** The text of a program that exports `chain` of so many links, and does not compile if its type is another one, or `any`. */
export function chainProgram(chain: Chain, links: number): string {
  let end = chain.start;
  for (let n = 0; n < links; n += chain.linksAtOnce) end = chain.next(end, n);
  return `${chain.declarations}
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const end = ${end};
export const isExact: Same<typeof end, ${chain.typeAfter(links)}> = true;
`;
}
