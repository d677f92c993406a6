import type { ShippedFunction } from "../backend/shipped-function.ts";
import type { ContentName } from "../base/ids.ts";
import type { LowerContext, Lowered } from "./lower-context.ts";

/** What the user attached to the work: merged when work is fused (most retries, highest priority, most memory). */
export interface Annotations {
  readonly retries?: number;
  readonly priority?: number;
  readonly memoryBytes?: number;
  readonly timeoutMs?: number;
}

/**
 * One kind of expression: its name and version are part of every content name made of it. An operation lives in its
 * topic file with the public function that makes it.
 */
export interface Operation<Params = unknown> {
  readonly name: string;
  readonly version: number;
  /** An equal but cheaper expression, or `expr` itself. */
  simplify?(expr: Expr<Params>): Expr;
  /** Emits the stages that make this expression's chunks out of its children's. */
  lower(expr: Expr<Params>, context: LowerContext): Lowered;
}

/** A node of the lazy expression tree behind a collection: immutable and content-named. Equal work has an equal name. */
export interface Expr<Params = unknown> {
  readonly name: ContentName;
  readonly operation: Operation<Params>;
  readonly params: Params;
  readonly children: readonly Expr[];
  readonly functions: readonly ShippedFunction[];
  /** What is known without computing: dtype, shape, partition count. */
  readonly meta: Readonly<Record<string, unknown>>;
  readonly annotations: Annotations;
  /** `""` if pure; otherwise makes the name unique to the program's run. */
  readonly nonce: string;
  readonly definedAt: string;
}
