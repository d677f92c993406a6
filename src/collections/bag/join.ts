import { present } from "../../base/assert.ts";
import { checkOptions, wholeNumber } from "../../base/check-options.ts";
import { badArgument } from "../../base/errors.ts";
import { capture } from "../../code/capture.ts";
import { chooseParts, fitsBroadcast, stepsOver } from "../../plan/exchange.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import type { Layout, LowerContext, Lowered } from "../../plan/lower-context.ts";
import { bagExpr, lowered } from "./bag-expr.ts";
import { emitPartition, partitionsMax } from "./exchange.ts";
import { sequenceExpr } from "./from-sequence.ts";

interface JoinParams {
  /** Left out: chosen from measured bytes. */
  readonly partitions: number | undefined;
}

/** The side of a join that is held as a table while the other one streams past. */
type BuildSide = "self" | "other";

/** Encoded bytes of the table of one task; records as objects take several times as much. */
const tableBytesMax = 16 * 2 ** 20;

/**
 * Pairs of records of two bags with equal keys. If one side is small, every task of the large side gets all of it; the
 * other side is computed first, to be measured, unless that is known already. If both are large they are exchanged by
 * key, and in each part the smaller side becomes the table.
 */
const joinOperation: Operation<JoinParams> = {
  name: "bag.join",
  version: 3,
  lower: (expr, context) => {
    const [self, other] = expr.children.map((child) => context.layout(child));
    const sides = { self: present(self, "a side of a join"), other: present(other, "a side") };
    if (isSmall(sides.other, context)) return lowered(emitBroadcast(context, sides, "other"));
    if (isSmall(sides.self, context)) return lowered(emitBroadcast(context, sides, "self"));
    return context.manifest(sides.other.stage) === undefined
      ? { kind: "wait", stage: sides.other.stage }
      : lowerExchange(expr, context, sides);
  },
};

/** True if every task of the other side may read all of this one; false too if nothing is known yet. */
function isSmall({ stage, count, chunkBytes }: Layout, context: LowerContext): boolean {
  const manifest = context.manifest(stage);
  if (manifest !== undefined) return fitsBroadcast(manifest, context.options);
  return chunkBytes !== undefined && chunkBytes * count <= context.options.broadcastBytesMax;
}

type Sides = Readonly<Record<BuildSide, Layout>>;

/** Every part of the large side meets all parts of the small one, which is the table. */
function emitBroadcast(context: LowerContext, sides: Sides, build: BuildSide): Layout {
  const small = sides[build];
  const large = sides[build === "self" ? "other" : "self"];
  return context.emit({
    role: "broadcast-join",
    kind: "map",
    label: "join",
    count: large.count,
    slots: [
      { stage: large.stage, mapping: { kind: "one" } },
      { stage: small.stage, mapping: { kind: "all" }, broadcast: large.count > 1 },
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
  { self, other }: Sides,
): Lowered {
  const parts = expr.params.partitions ?? partsOf([self, other], context);
  if (parts === undefined) return { kind: "wait", stage: self.stage };
  const exchanges = [
    { role: "partition-self", label: "join: partition self", input: self, parts, key: 0 },
    { role: "partition-other", label: "join: partition other", input: other, parts, key: 1 },
  ].map((draft) => emitPartition(context, draft));
  return lowered(
    context.emit({
      role: "join",
      kind: "map",
      label: "join",
      count: parts,
      slots: exchanges.map((exchange) => exchange.slot),
      steps: stepsOver(exchanges, (pieces) => [
        { operation: "bag.join", arguments: pieces, params: { tableBytesMax } },
      ]),
      functions: [],
      layout: { partitions: parts },
    }),
  );
}

/** Parts for both sides together; undefined while self is not measured (the other side is). */
function partsOf(sides: readonly Layout[], context: LowerContext): number | undefined {
  const manifests = sides.map(({ stage }) => context.manifest(stage));
  const known = manifests.filter((manifest) => manifest !== undefined);
  return known.length === sides.length ? chooseParts(known, context.options) : undefined;
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

/** A side of a join that is no bag: a list or another iterable, whose items are copied now. */
export function otherSide(items: unknown): Expr {
  if (typeof items !== "object" || items === null || !(Symbol.iterator in items)) {
    throw badArgument("bag.join: other", "a bag, an array or another iterable", items);
  }
  // Every task of the other side reads all of them: few parts.
  return sequenceExpr(items, { partitionSize: listPartRecords });
}

const listPartRecords = 65_536;

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
