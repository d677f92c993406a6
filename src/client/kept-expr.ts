import { type Expr, makeExpr, type Operation, withChildren } from "../plan/expr.ts";
import type { LiveStage } from "../plan/lower-context.ts";
import type { Driver } from "../schedule/driver.ts";

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

/** `roots`, with the work in place of chunks that were released. */
export function restored(driver: Driver, roots: readonly Expr[]): Expr[] {
  const done = new Map<Expr, Expr>();
  const restore = (expr: Expr): Expr => {
    let made = done.get(expr);
    if (made === undefined) {
      made = restoredOne(driver, expr, restore);
      done.set(expr, made);
    }
    return made;
  };
  return roots.map(restore);
}

function restoredOne(driver: Driver, expr: Expr, restore: (expr: Expr) => Expr): Expr {
  if (expr.operation === operation) {
    const { live, source } = expr.params as KeptChunks; // What `keptExpr` gave.
    if (driver.stageNamed(live.name) === live.stage) return expr;
    return restore({ ...source, annotations: { ...expr.annotations, ...source.annotations } });
  }
  const children = expr.children.map(restore);
  if (children.every((child, i) => child === expr.children[i])) return expr;
  return withChildren(expr, children);
}
