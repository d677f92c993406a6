import type { Annotations, Expr } from "../plan/expr.ts";

/** `roots` with `annotations` on everything below them that says nothing of its own. Names stay as they are. */
export function annotateExprs(roots: readonly Expr[], annotations: Annotations): Expr[] {
  if (Object.keys(annotations).length === 0) return [...roots];
  const done = new Map<Expr, Expr>();
  const annotate = (expr: Expr): Expr => {
    let annotated = done.get(expr);
    if (!annotated) {
      const children = expr.children.map(annotate);
      annotated = { ...expr, children, annotations: { ...annotations, ...expr.annotations } };
      done.set(expr, annotated);
    }
    return annotated;
  };
  return roots.map(annotate);
}
