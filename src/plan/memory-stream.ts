import type { ElasticMemory, MemoryStatement } from "./lower-context.ts";

const mebibyte = 2 ** 20;

/**
 * What a task leaves behind that takes records batch by batch, whatever the size of its part: V8 lets its young
 * generation grow to three semi-spaces of 16 MiB where a worker has 1 GiB, of less where it has less, and beside it lie
 * runs and frames that are in use. Measured in workers of 128 MiB and 2 GiB: `test/memory/bag-streams.slow.test.ts`.
 */
const reading: ElasticMemory = { least: 32 * mebibyte, most: 56 * mebibyte, writing: 0 };

/** The same for a step whose records may be written: their frames before and after they are packed. */
const passing: ElasticMemory = { ...reading, writing: 40 * mebibyte };

/**
 * The memory of an operation of our own that streams. `inputs`: how many it reads. `ends`: it makes something small of
 * its records.
 */
export function streamMemory(
  inputs: number,
  { ends }: { readonly ends: boolean },
): MemoryStatement {
  return {
    class: "bounded",
    inputs: new Array<number>(inputs).fill(0),
    operation: 0,
    output: 0,
    elastic: ends ? reading : passing,
  };
}

/** Bytes that a worker fetches of a list of chunks before they are asked for, and those of the chunk before. */
const aheadBytes = 16 * mebibyte;

/** The same for one that reads a list of chunks, one after the other. */
export function listMemory(): MemoryStatement {
  return { ...streamMemory(1, { ends: false }), operation: aheadBytes };
}

/** The same for one that calls functions of the user's, or holds as much as only running it tells. */
export function unprovenStream(): MemoryStatement {
  return { ...streamMemory(1, { ends: false }), class: "declared" };
}
