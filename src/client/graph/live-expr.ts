import { LambdaskError } from "../../base/errors.ts";
import { type Expr, makeExpr, type Operation, withChildren } from "../../plan/expr.ts";
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
  /** Of lazy work: one of the futures, which keeps the chunks as long as somebody has the work. */
  readonly future?: unknown;
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

/** Nobody has to look for futures in expressions before one holds one. */
let areHeld = false;

/** `expr`, which holds `future` if it is its result: what is made of it can be computed when nobody else has the future. */
export function holding(expr: Expr, future: unknown): Expr {
  const chunks = liveChunksOf(expr);
  if (chunks === undefined) return expr;
  areHeld = true;
  return { ...expr, params: { ...chunks, future } };
}

/** `root` without the futures that it holds: of work that has begun the driver holds what it reads. */
export function withoutFutures(root: Expr): Expr {
  if (!areHeld) return root;
  const done = new Map<Expr, Expr>();
  // A stack of its own: chains may be long.
  const stack = [root];
  for (let expr = stack.at(-1); expr !== undefined; expr = stack.at(-1)) {
    const missing = done.has(expr) ? [] : expr.children.filter((child) => !done.has(child));
    for (const child of missing) stack.push(child);
    if (missing.length > 0) continue;
    stack.pop();
    const children = expr.children.map((child) => done.get(child) ?? child);
    const isSame = children.every((child, i) => child === expr.children[i]);
    done.set(expr, isSame ? alone(expr) : withChildren(expr, children));
  }
  return done.get(root) ?? root;
}

function alone(expr: Expr): Expr {
  const chunks = liveChunksOf(expr);
  if (chunks?.future === undefined) return expr;
  const { future: _, ...params } = chunks;
  return { ...expr, params };
}

/** What `expr` is, if it is results of futures. */
export function liveChunksOf(expr: Expr): LiveChunks | undefined {
  return expr.operation === operation ? (expr.params as LiveChunks) : undefined; // What `liveExpr` gave.
}

/** What `expr` is, if it is results of futures that `engine` can use. Throws if they are of another client: stages are of one client. */
export function liveChunks(engine: Engine, expr: Expr): LiveChunks | undefined {
  const chunks = liveChunksOf(expr);
  if (chunks === undefined) return undefined;
  checkOwner(chunks.owner, engine);
  return chunks;
}

/** Throws if futures of `owner` are not of `engine`, or it is closed. */
export function checkOwner(owner: Engine, engine: Engine): void {
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
