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
  /** Those of them that somebody uses and that ended without a value. An entry goes when its call is tried again. */
  readonly ended: Map<number, TaskFailure>;
  /** What can try their calls again, as long as one of the futures is held. */
  readonly maker: WeakRef<ChunkMaker>;
}

/** Makes chunks of futures once more. */
export interface ChunkMaker {
  /** What the chunks are of. */
  readonly expr: Expr;
  /** True if the chunk's call has ended without a value. */
  hasNoValue(index: number): boolean;
  /** Makes futures of the chunk wait again. */
  reopen(index: number): void;
  /** Begins the calls of chunks that were reopened. */
  begin(indexes: readonly number[]): void;
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

/** What `expr` is, if it is results of futures. */
export function liveChunksOf(expr: Expr): LiveChunks | undefined {
  return expr.operation === operation ? (expr.params as LiveChunks) : undefined; // What `liveExpr` gave.
}

/** What `expr` is, if it is results of futures that `engine` can use. Throws if they are of another client: stages are of one client. */
export function liveChunks(engine: Engine, expr: Expr): LiveChunks | undefined {
  const chunks = liveChunksOf(expr);
  if (chunks === undefined) return undefined;
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
