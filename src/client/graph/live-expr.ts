import { LambdaskError } from "../../base/errors.ts";
import { type Expr, makeExpr, type Operation } from "../../plan/expr.ts";
import type { LiveStage } from "../../plan/lower-context.ts";
import type { TaskFailure } from "../../schedule/driver.ts";
import type { Engine } from "../engine.ts";

/** Chunks of futures. */
export interface LiveChunks {
  readonly live: LiveStage;
  /** Whose driver holds them. */
  readonly owner: Engine;
  /** Those of them that somebody uses and that ended without a value. */
  readonly ended: ReadonlyMap<number, TaskFailure>;
}

const liveOf: Operation<LiveChunks> = {
  name: "live",
  version: 1,
  lower: (expr, context) => ({ kind: "layout", layout: context.adopt(expr.params.live) }),
};

const operation = liveOf as Operation; // Only `lower` and `liveChunks` see the parameters, which are those given here.

/** Chunks of a stage that a driver holds: the results of futures. */
export function liveExpr(chunks: LiveChunks): Expr {
  return makeExpr({ operation, params: chunks, paramsName: chunks.live.name });
}

/** What `expr` is, if it is results of futures. Throws if they are of another client: stages are of one client. */
export function liveChunks(engine: Engine, expr: Expr): LiveChunks | undefined {
  if (expr.operation !== operation) return undefined;
  const chunks = expr.params as LiveChunks; // What `liveExpr` gave.
  const { owner } = chunks;
  if (owner.isClosed) {
    throw new LambdaskError("CLOSED", {
      message: "a future is used whose client is closed: its result went with the client",
      fix: "await future.result() before the client is closed, and pass the value",
    });
  }
  if (owner === engine) return chunks;
  throw new LambdaskError("BAD_ARGUMENT", {
    message:
      "a future of one client is used with another: its result is where its own client keeps it",
    fix: "use the client that made it, or pass the value: await future.result()",
  });
}
