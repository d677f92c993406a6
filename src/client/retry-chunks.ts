import type { Expr } from "../plan/expr.ts";
import { readsOfGraph } from "./graph/graph-expr.ts";
import { type ChunkMaker, type LiveChunks, liveChunksOf } from "./graph/live-expr.ts";

/** A chunk of futures whose call is tried again. */
interface Retried {
  readonly maker: ChunkMaker;
  readonly index: number;
}

/**
 * Tries the calls of chunks again that ended without a value, and first those that they take and that ended so. Keeps
 * its own stack: chains may be long.
 */
export function retryChunks(maker: ChunkMaker, indexes: readonly number[]): void {
  const order = new RetryOrder();
  for (const index of indexes) order.add({ maker, index });
  for (const { maker: each, index } of order.chunks) each.reopen(index);
  begin(order.chunks);
}

/** Chunks that follow one another and are of one maker begin together. */
function begin(chunks: readonly Retried[]): void {
  for (let start = 0; start < chunks.length; ) {
    const maker = chunks[start]?.maker;
    let end = start;
    while (end < chunks.length && chunks[end]?.maker === maker) end++;
    maker?.begin(chunks.slice(start, end).map(({ index }) => index));
    start = end;
  }
}

/** Finds what is to be tried again: what is read comes before what reads it. */
class RetryOrder {
  readonly chunks: Retried[] = [];
  readonly #seen = new Map<ChunkMaker, Set<number>>();

  add(chunk: Retried): void {
    const stack: { readonly chunk: Retried; readonly isLast: boolean }[] = [];
    const visit = (found: Retried): void => {
      if (this.#isNew(found)) stack.push({ chunk: found, isLast: false });
    };
    visit(chunk);
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (next.isLast) this.chunks.push(next.chunk);
      else {
        stack.push({ chunk: next.chunk, isLast: true });
        for (const input of inputsOf(next.chunk)) visit(input);
      }
    }
  }

  #isNew({ maker, index }: Retried): boolean {
    if (!maker.hasNoValue(index)) return false;
    const seen = this.#seen.get(maker) ?? new Set();
    this.#seen.set(maker, seen);
    if (seen.has(index)) return false;
    seen.add(index);
    return true;
  }
}

/** The chunks of futures that a chunk's work takes. */
function inputsOf({ maker, index }: Retried): Retried[] {
  const found: Retried[] = [];
  const seen = new Map<Expr, Set<number | undefined>>();
  const stack: { readonly expr: Expr; readonly index: number | undefined }[] = [
    { expr: maker.expr, index },
  ];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const known = seen.get(next.expr) ?? new Set();
    seen.set(next.expr, known);
    if (known.has(next.index)) continue;
    known.add(next.index);
    const chunks = liveChunksOf(next.expr);
    if (chunks !== undefined) {
      found.push(...usedAgain(chunks, next.index));
      continue;
    }
    const reads = next.index === undefined ? undefined : readsOfGraph(next.expr, next.index);
    // Other work than calls reads all of what it is made of, for all that is known here.
    stack.push(...(reads ?? next.expr.children.map((expr) => ({ expr, index: undefined }))));
  }
  return found;
}

/** Takes back that work which reads the chunk has to fail; its futures are tried again, if somebody holds them. */
function usedAgain({ ended, maker, live }: LiveChunks, index: number | undefined): Retried[] {
  const indexes = index === undefined ? Array.from({ length: live.count }, (_, i) => i) : [index];
  const made = maker.deref();
  for (const each of indexes) ended.delete(each);
  return made === undefined ? [] : indexes.map((each) => ({ maker: made, index: each }));
}
