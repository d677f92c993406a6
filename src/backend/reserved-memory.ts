const mebibyte = 2 ** 20;

/**
 * The most memory that a fresh worker has had after one empty task (73 MiB), with room for what differs between
 * machines: measured by scripts/measure-reserved-memory.ts.
 */
const emptyWorkerBytes = 80 * mebibyte;
const cacheBytesMax = 16 * mebibyte;
/** The cache's share of a worker's memory. */
const cacheShare = 1 / 16;

/** Bytes that a worker of `memoryBytes` keeps of chunks it has read or written. */
export function cacheBytes(memoryBytes: number): number {
  return Math.min(cacheBytesMax, Math.floor(memoryBytes * cacheShare));
}

/** Memory that a worker of `memoryBytes` uses for itself, its cache included. */
export function reservedMemoryBytes(
  memoryBytes: number,
  emptyBytes: number = emptyWorkerBytes,
): number {
  return emptyBytes + cacheBytes(memoryBytes);
}
