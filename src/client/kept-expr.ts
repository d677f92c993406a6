import { assert, present } from "../base/assert.ts";
import { type Expr, makeExpr, type Operation, withChildren } from "../plan/expr.ts";
import type { LiveStage } from "../plan/lower-context.ts";
import type { Driver } from "../schedule/driver.ts";
import type { Engine } from "./engine.ts";
import { type LiveChunks, liveChunks } from "./graph/live-expr.ts";

/** Chunks that the driver holds, and the work that made them. */
interface KeptChunks {
  readonly live: LiveStage;
  readonly source: Expr;
}

const keptOf: Operation<KeptChunks> = {
  name: "kept",
  version: 1,
  lower: (expr, context) => ({ kind: "layout", layout: context.adopt(expr.params.live) }),
};

const operation = keptOf as Operation; // Only `lower` and `restored` see the parameters, which are those given here.

/** The chunks of `source` by the stage that holds them, as long as it does. */
export function keptExpr(live: LiveStage, source: Expr): Expr {
  const params: KeptChunks = { live, source };
  return makeExpr({ operation, params, paramsName: live.name, meta: source.meta });
}

/** The stage whose chunks an expression of `keptExpr` stands for. */
export function keptStage(expr: Expr): LiveStage {
  assert(expr.operation === operation, "a kept expression");
  return (expr.params as KeptChunks).live; // What `keptExpr` gave.
}

/** How many chunks an expression of `keptExpr` stands for; `undefined` for any other. */
export function keptCount(expr: Expr): number | undefined {
  return expr.operation === operation ? keptStage(expr).count : undefined;
}

/** Work as an engine can run it. */
export interface RestoredWork {
  /** With the work in place of chunks that were released. */
  readonly roots: readonly Expr[];
  /** The results of futures that it takes. */
  readonly futures: readonly LiveChunks[];
}

/**
 * `roots` as `engine` can run them; throws if they need futures of another client. Keeps its own stack: chains may be
 * long.
 */
export function restored(engine: Engine, roots: readonly Expr[]): RestoredWork {
  const { driver } = engine;
  const futures: LiveChunks[] = [];
  const done = new Map<Expr, Expr>();
  const stack = [...roots];
  for (let expr = stack.at(-1); expr !== undefined; expr = stack.at(-1)) {
    const source = releasedSource(driver, expr);
    const needed = source === undefined ? expr.children : [source];
    const missing = done.has(expr) ? [] : needed.filter((child) => !done.has(child));
    if (missing.length > 0) {
      // One by one: a call takes no more than so many arguments.
      for (const child of missing) stack.push(child);
      continue;
    }
    stack.pop();
    if (done.has(expr)) continue;
    const chunks = liveChunks(engine, expr);
    if (chunks !== undefined) futures.push(chunks);
    done.set(expr, restoredOne(expr, source, done));
  }
  return { roots: roots.map((root) => restoredOf(done, root)), futures };
}

const sources = new WeakMap<Expr, Expr>();

/** The work that made chunks which the driver no longer holds. */
function releasedSource(driver: Driver, expr: Expr): Expr | undefined {
  if (expr.operation !== operation) return undefined;
  const { live, source } = expr.params as KeptChunks; // What `keptExpr` gave.
  if (driver.stageNamed(live.name) === live.stage) return undefined;
  let annotated = sources.get(expr);
  if (annotated === undefined) {
    annotated = { ...source, annotations: { ...expr.annotations, ...source.annotations } };
    sources.set(expr, annotated);
  }
  return annotated;
}

function restoredOne(expr: Expr, source: Expr | undefined, done: ReadonlyMap<Expr, Expr>): Expr {
  if (source !== undefined) return restoredOf(done, source);
  const children = expr.children.map((child) => restoredOf(done, child));
  if (children.every((child, i) => child === expr.children[i])) return expr;
  return withChildren(expr, children);
}

function restoredOf(done: ReadonlyMap<Expr, Expr>, expr: Expr): Expr {
  return present(done.get(expr), "restored work");
}
