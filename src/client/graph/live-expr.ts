import { LambdaskError } from "../../base/errors.ts";
import { type Expr, makeExpr, type Operation } from "../../plan/expr.ts";
import type { LiveStage } from "../../plan/lower-context.ts";
import type { Engine } from "../engine.ts";

/** Chunks of futures, and the engine whose driver holds them. */
interface LiveChunks {
  readonly live: LiveStage;
  readonly owner: Engine;
}

const liveOf: Operation<LiveChunks> = {
  name: "live",
  version: 1,
  lower: (expr, context) => ({ kind: "layout", layout: context.adopt(expr.params.live) }),
};

const operation = liveOf as Operation; // Only `lower` and `checkLive` see the parameters, which are those given here.

/** Chunks of a stage that the driver of `owner` holds: the results of futures. */
export function liveExpr(live: LiveStage, owner: Engine): Expr {
  return makeExpr({ operation, params: { live, owner }, paramsName: live.name });
}

/** Throws if `expr` is the results of futures of another client than that of `engine`: stages are of one client. */
export function checkLive(engine: Engine, expr: Expr): void {
  if (expr.operation !== operation) return;
  const { owner } = expr.params as LiveChunks; // What `liveExpr` gave.
  if (owner.isClosed) {
    throw new LambdaskError("CLOSED", {
      message: "a future is used whose client is closed: its result went with the client",
      fix: "await future.result() before the client is closed, and pass the value",
    });
  }
  if (owner === engine) return;
  throw new LambdaskError("BAD_ARGUMENT", {
    message:
      "a future of one client is used with another: its result is where its own client keeps it",
    fix: "use the client that made it, or pass the value: await future.result()",
  });
}
