import { reservedMemoryBytes } from "../backend/reserved-memory.ts";

const mebibyte = 2 ** 20;

/** The share of a function's memory that its process may use: Lambda's own part of it is counted as well. */
const usableShare = 0.95;

/**
 * What a fresh worker function has taken after one empty task: 75 MiB by `scripts/measure-reserved-memory.ts lambda`,
 * and room for what our own emulator does not have: Lambda's runtime client and connections with TLS.
 */
const emptyWorkerBytes = 110 * mebibyte;

/** What a worker function of `memoryMb` can do with its memory: the client plans by it and the worker keeps to it. */
export function functionMemory(memoryMb: number): {
  readonly workerMemoryBytes: number;
  readonly reservedMemoryBytes: number;
} {
  const workerMemoryBytes = Math.floor(memoryMb * mebibyte * usableShare);
  return {
    workerMemoryBytes,
    reservedMemoryBytes: reservedMemoryBytes(workerMemoryBytes, emptyWorkerBytes),
  };
}
