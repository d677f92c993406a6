import type { Expr } from "../../plan/expr.ts";

/** Where a value is: chunk `index` of `expr`. */
export interface Place {
  readonly expr: Expr;
  readonly index: number;
}
