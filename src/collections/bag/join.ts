import { present } from "../../base/assert.ts";
import { checkOptions, wholeNumber } from "../../base/check-options.ts";
import { capture } from "../../code/capture.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import type { Layout, LowerContext, Lowered } from "../../plan/lower-context.ts";
import { bagExpr, lowered } from "./bag-expr.ts";
import { emitPartition, measuredBytes, measuredParts, partitionsMax } from "./exchange.ts";

interface JoinParams {
  /** Left out: chosen from measured bytes. */
  readonly partitions: number | undefined;
}

/** The side of a join that is held as a table while the other one streams past. */
type BuildSide = "self" | "other";

/** Encoded bytes of the table of one task; records as objects take several times as much. */
const tableBytesMax = 16 * 2 ** 20;

/**
 * Pairs of records of two bags with equal keys. The other side is measured first: if it is small, every task of self
 * gets all of it. Otherwise both are exchanged by key, and in each part the smaller side becomes the table.
 */
export const joinOperation: Operation<JoinParams> = {
  name: "bag.join",
  version: 1,
  lower: (expr, context) => {
    const [self, other] = expr.children.map((child) => context.layout(child));
    const sides = { self: present(self, "a side of a join"), other: present(other, "a side") };
    const otherBytes = measuredBytes(sides.other, context);
    if (otherBytes === undefined) return { kind: "wait", stage: sides.other.stage };
    if (otherBytes <= context.options.broadcastBytesMax) {
      return lowered(emitBroadcast(context, { large: sides.self, small: sides.other }));
    }
    return lowerExchange(expr, context, sides);
  },
};

/** Every part of the large side meets all parts of the small one. */
function emitBroadcast(
  context: LowerContext,
  { large, small }: { readonly large: Layout; readonly small: Layout },
): Layout {
  const build: BuildSide = "other";
  return context.emit({
    role: "broadcast-join",
    kind: "map",
    label: "join",
    count: large.count,
    slots: [
      { stage: large.stage, mapping: { kind: "one" } },
      { stage: small.stage, mapping: { kind: "all" } },
    ],
    steps: [
      {
        operation: "bag.join-broadcast",
        arguments: [{ input: 0 }, { input: 1 }],
        functions: [0, 1],
        params: { build },
      },
    ],
    layout: { partitions: large.count },
  });
}

function lowerExchange(
  expr: Expr<JoinParams>,
  context: LowerContext,
  { self, other }: Readonly<Record<BuildSide, Layout>>,
): Lowered {
  const parts = expr.params.partitions ?? measuredParts([self, other], context);
  if (parts === undefined) return { kind: "wait", stage: self.stage };
  const selfParts = emitPartition(context, { role: "partition-self", input: self, parts, key: 0 });
  const otherParts = emitPartition(context, {
    role: "partition-other",
    input: other,
    parts,
    key: 1,
  });
  const selfBytes = context.manifest(selfParts.stage)?.partBytes;
  if (selfBytes === undefined) return { kind: "wait", stage: selfParts.stage };
  const otherBytes = context.manifest(otherParts.stage)?.partBytes;
  if (otherBytes === undefined) return { kind: "wait", stage: otherParts.stage };
  const builds = Array.from(
    selfBytes,
    (bytes, part): BuildSide => (bytes < (otherBytes[part] ?? 0) ? "self" : "other"),
  );
  const slots = [
    { from: selfParts, span: self.count },
    { from: otherParts, span: other.count },
  ].map(({ from, span }) => ({
    stage: from.stage,
    mapping: { kind: "part", groups: 1, span } as const,
  }));
  return lowered(
    context.emit({
      role: "join",
      kind: "map",
      label: "join",
      count: parts,
      slots,
      steps: [
        {
          operation: "bag.join",
          arguments: [{ input: 0 }, { input: 1 }],
          params: { builds, tableBytesMax },
        },
      ],
      functions: [],
      layout: { partitions: parts, builds },
    }),
  );
}

/** How bags are joined. */
export interface JoinOptions {
  /** Parts of the result where both sides are large. Default: one per 64 MiB of both, measured first. */
  readonly partitions?: number;
}

/** What `join` takes besides the bags. */
export interface JoinSpec {
  readonly onSelf: (record: never) => unknown;
  readonly onOther: (record: never) => unknown;
  readonly options: JoinOptions | undefined;
}

/** The bag of the pairs `[record of bag, record of other]` with equal keys. */
export function join(bag: Expr, other: Expr, { onSelf, onOther, options }: JoinSpec): Expr {
  const { partitions } = checkOptions("bag.join", options, ["partitions"]);
  if (partitions !== undefined) {
    wholeNumber("bag.join: partitions", partitions, { min: 1, max: partitionsMax });
  }
  return bagExpr({
    operation: joinOperation,
    params: { partitions },
    children: [bag, other],
    functions: [
      capture(onSelf, { where: "bag.join: onSelf" }),
      capture(onOther, { where: "bag.join: onOther" }),
    ],
  });
}
