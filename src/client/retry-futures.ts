import { checkFutures, type Future, placeOf } from "./future.ts";
import type { FutureBatch } from "./future-batch.ts";

/** Tries the calls of futures again that failed or were cancelled; those of one batch together. */
export function retryFutures(futures: Iterable<Future<unknown>>): void {
  const batches = new Map<FutureBatch, number[]>();
  for (const future of checkFutures("client.retry", futures)) {
    const { batch, position } = placeOf(future);
    const positions = batches.get(batch);
    if (positions) positions.push(position);
    else batches.set(batch, [position]);
  }
  for (const [batch, positions] of batches) batch.retry(positions);
}
