import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { compute, type Lazy } from "../../src/index.ts";
import { sorted } from "../oracle/run-bag.ts";

/** Lazy work, and what plain JavaScript says that it gives; of some work in any order. */
export type Pair = readonly [
  lazy: Lazy | readonly Lazy[],
  expected: unknown,
  order?: "in any order",
];

/** How a public name is tried on Lambda. */
export type Case =
  | readonly Pair[]
  /** By the test of its name in the same file, or by the tests of another file. */
  | { readonly in: string }
  /** Not at all, for this reason. */
  | { readonly never: string };

/** One case for each public member of `T`: a new one that has none is an error of the compiler. */
export type CasesOf<T> = { readonly [K in Exclude<keyof T, symbol>]-?: Case };

/** Computes all that is compared together, and looks into the files where other names are said to be tried. */
export function tryAll(what: string, cases: Readonly<Record<string, Case>>): void {
  test(`${what}: each gives on Lambda what plain JavaScript gives`, async () => {
    const all = Object.entries(cases).flatMap(([name, each]) =>
      "in" in each || "never" in each ? [] : each.map((pair, i) => ({ name, i, pair })),
    );
    const [given] = await compute(all.map(({ pair: [lazy] }) => lazy));
    for (const [at, { name, i, pair }] of all.entries()) {
      const [, expected, order] = pair;
      const [value, wanted] = order ? [given[at], expected].map(inOrder) : [given[at], expected];
      expect(value, `${name}, case ${i + 1}`).toEqual(wanted);
    }
  });

  const elsewhere = Object.entries(cases).flatMap(([name, each]) =>
    "in" in each ? [[name, each.in] as const] : [],
  );
  test.each(elsewhere)(`${what}: %s is used in %s`, (name, file) => {
    const text = fs.readFileSync(path.join(import.meta.dirname, file), "utf8");
    expect(text).toMatch(new RegExp(`[.\\s({[,!]${name}\\b[(<:;, .)?]`));
  });
}

function inOrder(records: unknown): unknown {
  return sorted(records as readonly unknown[]);
}
