import type { ShippedFunction } from "../backend/shipped-function.ts";
import { nameOf, nameOfBytes } from "../base/content-name.ts";
import type { ContentName } from "../base/ids.ts";
import type { LowerContext, Lowered } from "./lower-context.ts";

/** What the user attached to the work: merged when work is fused (most retries, highest priority, most memory). */
export interface Annotations {
  readonly retries?: number;
  readonly priority?: number;
  readonly memoryBytes?: number;
  readonly timeoutMs?: number;
  /** The part of the program that the work belongs to, for people. */
  readonly span?: string;
  /** Many tasks will read its chunks: workers that are far from the store copy them. */
  readonly broadcast?: boolean;
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
  /** Stands for `params` in the name. */
  readonly paramsName: string;
  readonly children: readonly Expr[];
  readonly functions: readonly ShippedFunction[];
  /** What is known without computing: dtype, shape, partition count. */
  readonly meta: Readonly<Record<string, unknown>>;
  readonly annotations: Annotations;
  /** `""` if pure; otherwise makes the name unique to the program's run. */
  readonly nonce: string;
  readonly definedAt: string;
}

const impure = "impure-";

/** The nonce of work with effects or chance in it, which `text` tells apart from other such work of the program. */
export function impureNonce(text: string): string {
  return impure + text;
}

/** True for nonces of work with effects or chance; other nonces only keep names to one run or client. */
export function isImpure(nonce: string): boolean {
  return nonce.startsWith(impure);
}

/** What an expression is made of; `meta`, `annotations` and `definedAt` are no part of its name. */
export interface ExprSpec<Params> {
  readonly operation: Operation<Params>;
  readonly params: Params;
  /** Any text that differs when `params` do: spares naming big ones by content. Left out: their content name. */
  readonly paramsName?: string;
  readonly children?: readonly Expr[];
  /** Any text that differs when `children` do: spares naming thousands by their names. Left out: all of these. */
  readonly childrenName?: string;
  readonly functions?: readonly ShippedFunction[];
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly annotations?: Annotations;
  /** Given to impure work: makes it equal to no other. */
  readonly nonce?: string;
  readonly definedAt?: string;
}

/** Makes an expression and its content name. */
export function makeExpr<Params>(spec: ExprSpec<Params>): Expr<Params> {
  const { operation, params, children = none, functions = none, nonce = "" } = spec;
  const paramsName = spec.paramsName ?? (params === undefined ? "" : nameOf(params));
  let text = `${operation.name}@${operation.version}|${paramsName.length}:${paramsName}|${nonce}`;
  for (const shipped of functions) text += `|f${shipped.id}`;
  if (spec.childrenName === undefined) for (const child of children) text += `|c${child.name}`;
  else text += `|k${spec.childrenName}`;
  return {
    name: nameOfBytes(text),
    operation,
    params,
    paramsName,
    children,
    functions,
    meta: spec.meta ?? nothing,
    annotations: spec.annotations ?? nothing,
    nonce,
    definedAt: spec.definedAt ?? "",
  };
}

/** The same work over other children. */
export function withChildren<Params>(expr: Expr<Params>, children: readonly Expr[]): Expr<Params> {
  return makeExpr({ ...expr, children });
}

/** The same work, whose chunks many tasks will read. */
export function broadcast<Params>(expr: Expr<Params>): Expr<Params> {
  return { ...expr, annotations: { ...expr.annotations, broadcast: true } };
}

/** Annotations of work that becomes one task: most retries, highest priority, most memory, the times one after another. */
export function mergeAnnotations(a: Annotations, b: Annotations): Annotations {
  return combined(a, b, (first, second) => first + second);
}

/** Annotations of work that was asked for twice: the most of each. */
export function sharedAnnotations(a: Annotations, b: Annotations): Annotations {
  return combined(a, b, Math.max);
}

function combined(
  a: Annotations,
  b: Annotations,
  times: (first: number, second: number) => number,
): Annotations {
  if (a === b || b === nothing) return a;
  if (a === nothing) return b;
  const merged = {
    retries: either(a.retries, b.retries, Math.max),
    priority: either(a.priority, b.priority, Math.max),
    memoryBytes: either(a.memoryBytes, b.memoryBytes, Math.max),
    timeoutMs: either(a.timeoutMs, b.timeoutMs, times),
    span: either(a.span, b.span, bothSpans),
    broadcast: either(a.broadcast, b.broadcast, (one, other) => one || other),
  };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
}

function bothSpans(a: string, b: string): string {
  return a.split(spanSeparator).includes(b) ? a : `${a}${spanSeparator}${b}`;
}

const spanSeparator = " + ";

function either<T>(a: T | undefined, b: T | undefined, both: (a: T, b: T) => T): T | undefined {
  return a === undefined ? b : b === undefined ? a : both(a, b);
}

const none: readonly never[] = [];
const nothing: Readonly<Record<string, never>> = {};
