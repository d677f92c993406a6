import { LambdaskError } from "../base/errors.ts";
import type { ContentName } from "../base/ids.ts";
import { type Expr, sharedAnnotations, withChildren } from "./expr.ts";

/** Rewrites expressions until nothing changes any more; a LIMIT error if that takes more than `passesMax` passes. */
export function simplify(roots: readonly Expr[], passesMax: number): readonly Expr[] {
  let current = roots;
  for (let pass = 0; pass < passesMax; pass++) {
    const next = simplifyOnce(current);
    if (next.every((expr, i) => expr === current[i])) return next;
    current = next;
  }
  throw new LambdaskError("LIMIT", {
    message: `the plan still changes after ${passesMax} rewrite passes: two rewrites undo each other`,
  });
}

/**
 * Every expression below `roots`, children first, equal ones once, with what any of them was annotated with. Iterative:
 * chains may be very long.
 */
export function childrenFirst(roots: readonly Expr[]): Expr[] {
  const order: Expr[] = [];
  const positions = new Map<ContentName, number>();
  const entered = new Set<Expr>();
  const path: { readonly expr: Expr; next: number }[] = [];
  const enter = (expr: Expr): void => {
    if (entered.has(expr)) return;
    entered.add(expr);
    path.push({ expr, next: 0 });
  };
  for (const root of roots) {
    enter(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const child = top.expr.children[top.next++];
      if (child !== undefined) {
        enter(child);
        continue;
      }
      path.pop();
      const position = positions.get(top.expr.name);
      const known = position === undefined ? undefined : order[position];
      if (position === undefined || known === undefined) {
        positions.set(top.expr.name, order.push(top.expr) - 1);
      } else if (known.annotations !== top.expr.annotations) {
        order[position] = {
          ...known,
          annotations: sharedAnnotations(known.annotations, top.expr.annotations),
        };
      }
    }
  }
  return order;
}

function simplifyOnce(roots: readonly Expr[]): readonly Expr[] {
  const rewritten = new Map<ContentName, Expr>();
  let changed = false;
  const of = (expr: Expr): Expr => rewritten.get(expr.name) ?? expr;
  for (const expr of childrenFirst(roots)) {
    const fresh =
      changed && expr.children.some((child) => of(child).name !== child.name)
        ? withChildren(expr, expr.children.map(of))
        : expr;
    const simple = fresh.operation.simplify?.(fresh) ?? fresh;
    if (simple.name === expr.name) continue;
    rewritten.set(expr.name, simple);
    changed = true;
  }
  return changed ? roots.map(of) : roots;
}
