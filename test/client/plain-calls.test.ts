import { expect, test } from "vitest";
import { CallGroup } from "../../src/client/call-group.ts";
import { plainArguments } from "../../src/client/graph/item-calls.ts";
import { nodeWorks } from "../../src/client/graph/node-works.ts";
import { type LazyNode, nodeOf } from "../../src/code/lazy/node.ts";
import { delayed } from "../../src/index.ts";
import type { Expr } from "../../src/plan/expr.ts";

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

/** The group of these calls; `undefined` if one is no plain call. */
function groupOf(nodes: readonly LazyNode[]): CallGroup | undefined {
  const [
    {
      action,
      options,
      arguments: { length },
    } = nodes[0] as LazyNode,
  ] = nodes;
  if (action.kind !== "call") return undefined;
  const common = { function: action.function, options, values: length };
  const group = new CallGroup(common, () => undefined);
  for (const node of nodes) {
    const plain = plainArguments(node);
    if (plain === undefined) return undefined;
    group.write(plain);
    group.add({}, node.nonce);
  }
  return group;
}

const facts = (expr: Expr | undefined) => {
  const { name, params, annotations, definedAt, functions } = expr ?? {};
  return { name, params, annotations, definedAt, functions };
};

test.each(
  Object.entries(calls).flatMap(([how, call]) =>
    Object.keys(values).map((of) => [how, of, call] as const),
  ),
)("a %s call of %s is the same stage as its graph", (_, of, call) => {
  const node = nodeOf(call(...(values[of] ?? [])));
  if (node === undefined) throw new Error("no node");
  const [work] = nodeWorks([node], { nonce: "session" });
  const group = groupOf([node]);
  const key = group?.key(0);
  expect(facts(group?.targets[0]?.expr)).toEqual(facts(work?.expr));
  // However many are submitted along.
  const other = nodeOf(call(...(values[of] ?? []))) as LazyNode;
  const both = groupOf([other, node]);
  expect([key, both?.key(1)]).toEqual([`${work?.expr.name}-0`, key]);
  expect(both?.targets).toHaveLength(1);
  expect(both?.key(1)).toBe(key);
});

test("calls that take other work, a function or large data are no plain calls", () => {
  const { pure } = calls;
  for (const value of [pure(1), [pure(1)], show, new Uint8Array(100_000)]) {
    const node = nodeOf(pure(value));
    expect(node && groupOf([node])).toBeUndefined();
  }
});
