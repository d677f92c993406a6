import { expect, test } from "vitest";
import { casesAt, inTurn, turns } from "./turns.ts";

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

test.each([0, 1, 2, 3, 12, 26])(
  "each of %i cases has its turn at one commit of so many, and each commit has as many cases as others",
  (count) => {
    const cases = range(count);
    const parts = range(turns).map((number) => casesAt(cases, 1000 + number));
    expect(parts.flat().sort((a, b) => a - b)).toEqual(cases);
    const sizes = parts.map((part) => part.length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  },
);

test("this commit's cases are those of one number", () => {
  const cases = range(30);
  expect(range(turns).map((number) => casesAt(cases, number))).toContainEqual(inTurn(cases));
});
