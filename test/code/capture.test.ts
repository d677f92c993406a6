import fs from "node:fs";
import _ from "lodash";
import { groupBy } from "lodash-es";
import { expect, test } from "vitest";
import { nameOf } from "../../src/base/content-name.ts";
import { shipAndLink } from "./support/link-here.ts";

const factor = 3;
function helper(y: number): number {
  return y + factor;
}
class Point {
  readonly x: number;
  constructor(x: number) {
    this.x = x;
  }
}
class Shifted extends Point {
  shifted(): number {
    return this.x + factor;
  }
}

test("a closure with a helper, a class and data gives in the worker what it gives here", async () => {
  const origin = new Shifted(5);
  const table = new Map([["a", { n: [1, 2] }]]);
  const task = (x: number): unknown => [
    helper(x),
    origin.shifted(),
    origin instanceof Point,
    table.get("a")?.n[1],
    Math.max(x, 2),
  ];
  const linked = await shipAndLink(task);
  expect(linked(4)).toEqual([7, 8, true, 2, 4]);
});

test("imports of packages, built-ins and local modules are imported again", async () => {
  const task = async (x: number): Promise<unknown> => [
    groupBy([1, 2], (n) => (n % 2 ? "odd" : "even")),
    _.sum([x, 2]),
    nameOf([x]).length,
    fs.existsSync("/"),
    (await import("lodash-es")).sum([x, 3]),
  ];
  const linked = await shipAndLink(task);
  expect(await linked(4)).toEqual([{ odd: [1], even: [2] }, 6, 32, true, 7]);
});
