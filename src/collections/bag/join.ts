import { present } from "../../base/assert.ts";
import { checkOptions, wholeNumber } from "../../base/check-options.ts";
import { capture } from "../../code/capture.ts";
import {
  chooseParts,
  type Exchange,
  fitsBroadcast,
  measuredPartBytes,
  stepsOver,
} from "../../plan/exchange.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import type { Layout, LowerContext, Lowered } from "../../plan/lower-context.ts";
import { bagExpr, lowered } from "./bag-expr.ts";
import { emitPartition, partitionsMax } from "./exchange.ts";

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
    const measured = context.manifest(sides.other.stage);
    if (measured === undefined) return { kind: "wait", stage: sides.other.stage };
    return fitsBroadcast(measured, context.options)
      ? lowered(emitBroadcast(context, { large: sides.self, small: sides.other }))
      : lowerExchange(expr, context, sides);
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
  const parts = expr.params.partitions ?? partsOf([self, other], context);
  if (parts === undefined) return { kind: "wait", stage: self.stage };
  const exchanges = [
    { role: "partition-self", label: "join: partition self", input: self, parts, key: 0 },
    { role: "partition-other", label: "join: partition other", input: other, parts, key: 1 },
  ].map((draft) => emitPartition(context, draft));
  const bytes: Float64Array[] = [];
  for (const exchange of exchanges) {
    const measured = measuredPartBytes(context, exchange);
    if (measured === undefined) return { kind: "wait", stage: exchange.measured.stage };
    bytes.push(measured);
  }
  return lowered(emitJoin(context, { parts, exchanges, builds: buildSides(bytes) }));
}

/** Parts for both sides together; undefined while self is not measured (the other side is). */
function partsOf(sides: readonly Layout[], context: LowerContext): number | undefined {
  const manifests = sides.map(({ stage }) => context.manifest(stage));
  const known = manifests.filter((manifest) => manifest !== undefined);
  return known.length === sides.length ? chooseParts(known, context.options) : undefined;
}

/** In each part the smaller side becomes the table. */
function buildSides([self, other]: readonly Float64Array[]): BuildSide[] {
  return Array.from(self ?? [], (bytes, part) => (bytes < (other?.[part] ?? 0) ? "self" : "other"));
}

function emitJoin(
  context: LowerContext,
  draft: {
    readonly parts: number;
    readonly exchanges: readonly Exchange[];
    readonly builds: readonly BuildSide[];
  },
): Layout {
  const { parts, exchanges, builds } = draft;
  return context.emit({
    role: "join",
    kind: "map",
    label: "join",
    count: parts,
    slots: exchanges.map((exchange) => exchange.slot),
    steps: stepsOver(exchanges, (pieces) => [
      { operation: "bag.join", arguments: pieces, params: { builds, tableBytesMax } },
    ]),
    functions: [],
    layout: { partitions: parts },
  });
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
