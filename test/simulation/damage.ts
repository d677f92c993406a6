import { chunkKey } from "../../src/backend/chunk-key.ts";
import type { ChunkStore } from "../../src/backend/chunk-store.ts";
import type { ContentName } from "../../src/base/ids.ts";
import type { Faults } from "./faults.ts";

/** Cuts a chunk short or takes it away, if the faults say so and it is in the store at all; true if it did. */
export async function damageChunk(
  store: ChunkStore,
  faults: Faults,
  { name, index }: { readonly name: ContentName; readonly index: number },
): Promise<boolean> {
  const truncates = faults.happens("truncate");
  const vanishes = faults.happens("vanish");
  if (!truncates && !vanishes) return false;
  const key = chunkKey(name, index);
  const bytes = await store.get(key);
  if (bytes === undefined || !faults.spend("damage", [key])) return false;
  await store.delete(key);
  if (!truncates) return true;
  const kept = faults.stream("truncate").below(bytes.length);
  await store.putIfAbsent(key, bytes.subarray(0, kept));
  return true;
}
