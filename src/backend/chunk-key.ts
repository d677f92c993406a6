import { nameOfBytes } from "../base/content-name.ts";
import { type ChunkKey, type ContentName, makeChunkKey } from "../base/ids.ts";

/** Indexes per listing: presence of a stage is one listing per this many chunks. */
export const indexesPerBlock = 1000;

const blockPrefixes = new Map<string, string>();
const blockPrefixesMax = 10_000;

/** The prefix shared by the chunks of indexes `block·1000 … block·1000+999`; hash first, so load spreads. */
export function blockPrefix(name: ContentName, block: number): string {
  const id = `${name}/${block}`;
  let prefix = blockPrefixes.get(id);
  if (prefix === undefined) {
    prefix = `tmp/${nameOfBytes(id).slice(0, 2)}/${id}/`;
    if (blockPrefixes.size >= blockPrefixesMax) blockPrefixes.clear();
    blockPrefixes.set(id, prefix);
  }
  return prefix;
}

/** Where chunk `index` of the stored name `name` lies. */
export function chunkKey(name: ContentName, index: number): ChunkKey {
  return makeChunkKey(blockPrefix(name, Math.floor(index / indexesPerBlock)) + index);
}

/** The same chunk, whose kept copy is to be read first: of a store that has such. */
export function keptChunkKey(name: ContentName, index: number): ChunkKey {
  return makeChunkKey(chunkKey(name, index).replace(/^tmp/, "keep"));
}

/** Where a blob of captured data lies. */
export function blobKey(hash: ContentName): ChunkKey {
  return makeChunkKey(`blob/${hash.slice(0, 2)}/${hash}`);
}

/** The index that `key` ends with. */
export function indexOfKey(key: string): number {
  return Number(key.slice(key.lastIndexOf("/") + 1));
}
