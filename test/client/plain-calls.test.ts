import { expect, test } from "vitest";
import { plainCallExpr } from "../../src/client/graph/item-calls.ts";
import { nodeWorks } from "../../src/client/graph/node-works.ts";
import { nodeOf } from "../../src/code/lazy/node.ts";
import { delayed } from "../../src/index.ts";

const show = (...values: readonly unknown[]): string => values.join();
const calls = {
  pure: delayed(show),
  named: delayed(show, { name: "shown", retries: 2, priority: -1 }),
  impure: delayed(show, { pure: false }),
};
const values: Record<string, readonly unknown[]> = {
  none: [],
  numbers: [0, 127, 128, 255, 256, 65_536, 2 ** 32 - 1, 2 ** 32, -1, -0, 0.5, Number.NaN],
  texts: ["", "text".repeat(50), true, null, undefined, 7n, 2n ** 70n],
  containers: [[1, [2]], { a: { b: "c" } }, new Map([["k", new Set([1])]]), new Date(5), /x/g],
  bytes: [new Uint8Array(10).fill(3), Buffer.from("b"), new Float64Array(500)],
};

test.each(
  Object.entries(calls).flatMap(([how, call]) =>
    Object.keys(values).map((of) => [how, of, call] as const),
  ),
)("a %s call of %s is the same stage as its graph", (_, of, call) => {
  const node = nodeOf(call(...(values[of] ?? [])));
  if (node === undefined) throw new Error("no node");
  const [work] = nodeWorks([node], { nonce: "session" });
  const { name, params, annotations, definedAt, functions } = plainCallExpr(node, "session") ?? {};
  expect({ name, params, annotations, definedAt, functions }).toEqual({
    name: work?.expr.name,
    params: work?.expr.params,
    annotations: work?.expr.annotations,
    definedAt: work?.expr.definedAt,
    functions: work?.expr.functions,
  });
});

test("calls that take other work, a function or large data are no plain calls", () => {
  const { pure } = calls;
  for (const value of [pure(1), [pure(1)], show, new Uint8Array(100_000)]) {
    const node = nodeOf(pure(value));
    expect(node && plainCallExpr(node, "session")).toBeUndefined();
  }
});
