import { expect, test } from "vitest";
import type { ShippedFunction } from "../../src/backend/shipped-function.ts";
import { nameOf } from "../../src/base/content-name.ts";
import { makeStageId } from "../../src/base/ids.ts";
import { storedName } from "../../src/plan/drafted-stage.ts";
import { makeExpr, type Operation } from "../../src/plan/expr.ts";
import type { StageDraft } from "../../src/plan/lower-context.ts";
import type { PackedBytes } from "../../src/plan/stage.ts";

const operation: Operation = {
  name: "work",
  version: 1,
  lower: () => {
    throw new Error("not lowered here");
  },
};
const expr = makeExpr({ operation, params: 1 });
const draft: StageDraft = {
  role: "map",
  kind: "map",
  label: "work",
  count: 4,
  slots: [{ stage: makeStageId(7), mapping: { kind: "one" } }],
  steps: [{ operation: "call", arguments: [{ input: 0 }], params: 1 }],
  layout: { partitions: 4 },
};
const names = { inputName: () => "input", runNonce: "run" };
const name = storedName(expr, draft, names);
const own = (byte: number): PackedBytes => ({
  offsets: Float64Array.of(0, 1, 1, 1, 1),
  bytes: Uint8Array.of(byte),
});

test.each<[string, Partial<StageDraft>]>([
  ["its role", { role: "other" }],
  ["its kind", { kind: "reduce" }],
  ["its layout", { layout: { partitions: 5 } }],
  ["its count", { count: 5 }],
  ["its parts", { parts: 3 }],
  ["what its steps do", { steps: [{ operation: "call", arguments: [{ input: 0 }], params: 2 }] }],
  ["how it reads", { slots: [{ stage: makeStageId(7), mapping: { kind: "all" } }] }],
  ["its own data", { own: own(1) }],
])("a stage's name depends on %s", (_what, change) => {
  expect(storedName(expr, { ...draft, ...change }, names)).not.toBe(name);
  expect(storedName(expr, { ...draft, own: own(1) }, names)).not.toBe(
    storedName(expr, { ...draft, own: own(2) }, names),
  );
});

test("it depends on the stored names of what it reads, and not on this session's numbers", () => {
  expect(storedName(expr, draft, { ...names, inputName: () => "other" })).not.toBe(name);
  const slots = [{ stage: makeStageId(8), mapping: { kind: "one" } as const }];
  expect(storedName(expr, { ...draft, slots }, names)).toBe(name);
});

test("only impure work has the run in its name", () => {
  expect(storedName(expr, draft, { ...names, runNonce: "other" })).toBe(name);
  const impure = makeExpr({ operation, params: 1, nonce: "1" });
  expect(storedName(impure, draft, { ...names, runNonce: "other" })).not.toBe(
    storedName(impure, draft, names),
  );
});

test("labels and what is declared are no part of it", () => {
  const memory = { class: "declared", operation: 1, output: 1 } as const;
  expect(storedName(expr, { ...draft, label: "other", memory, chunkBytes: 3 }, names)).toBe(name);
});

test("a stage's name depends on what sets up the workers that compute it, and no other's does", () => {
  const setUp = (text: string): ShippedFunction => ({
    id: nameOf(text),
    name: "",
    definedAt: "",
    graph: new Uint8Array(0),
    modules: [],
    blobs: [],
    capturedBytes: 0,
  });
  const one = storedName(expr, draft, { ...names, setUp: setUp("one") });
  expect(one).not.toBe(name);
  expect(one).not.toBe(storedName(expr, draft, { ...names, setUp: setUp("two") }));
  expect(one).toBe(storedName(expr, draft, { ...names, setUp: { ...setUp("one"), name: "x" } }));
  const data: StageDraft = { ...draft, kind: "data", steps: [], slots: [] };
  expect(storedName(expr, data, { ...names, setUp: setUp("one") })).toBe(
    storedName(expr, data, names),
  );
});
