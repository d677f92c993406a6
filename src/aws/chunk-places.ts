import { bucketPrefixes } from "./deployment.ts";

const { chunks, keptChunks } = bucketPrefixes;

/** Blocks remembered; beyond this the one that was found longest ago is forgotten. */
const blocksMax = 10_000;

/** Where the copy of a chunk lies that no lifecycle rule removes. */
export function keptPlace(key: string): string {
  return keptChunks + key.slice(chunks.length);
}

/** The key of a chunk that a kept copy is of; any other key as it is. */
export function keyOfPlace(place: string): string {
  return isKeptPlace(place) ? chunks + place.slice(keptChunks.length) : place;
}

/** True for kept copies. */
export function isKeptPlace(place: string): boolean {
  return place.startsWith(keptChunks);
}

/** Everywhere that an object may lie: a chunk also where it is kept, anything else under its key alone. */
export function placesOf(key: string): readonly string[] {
  return key.startsWith(chunks) ? [key, keptPlace(key)] : [key];
}

/** What to list for kept copies of what has this prefix; `undefined` if nothing that has it can be kept. */
export function keptPrefix(prefix: string): string | undefined {
  if (prefix.startsWith(chunks)) return keptPlace(prefix);
  return chunks.startsWith(prefix) ? keptChunks : undefined;
}

/** The block of a key, up to its last slash: chunks of one block are kept together. */
export function blockOf(key: string): string {
  return key.slice(0, key.lastIndexOf("/") + 1);
}

/** Remembers of which blocks this process has last found kept copies, and looks for those first. */
export class ChunkPlaces {
  readonly #kept = new Set<string>();

  /** Where an object may lie, the likeliest place first. A key may itself be that of a kept copy. */
  of(key: string): readonly string[] {
    if (isKeptPlace(key)) return [key, keyOfPlace(key)];
    return this.isKept(key) ? [keptPlace(key), key] : placesOf(key);
  }

  /** True if a kept copy of its block was found last. */
  isKept(key: string): boolean {
    return this.#kept.size > 0 && this.#kept.has(blockOf(key));
  }

  /** Takes note of where a chunk was found. */
  found(place: string): void {
    const block = blockOf(keyOfPlace(place));
    if (!isKeptPlace(place)) {
      if (this.#kept.size > 0) this.#kept.delete(block);
      return;
    }
    this.#kept.add(block);
    const [oldest] = this.#kept;
    if (this.#kept.size > blocksMax && oldest !== undefined) this.#kept.delete(oldest);
  }
}
