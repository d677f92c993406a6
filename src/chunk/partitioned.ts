/**
 * What an exchange producer gives: `parts` pieces, written one behind another into one object. A piece is a chunk of
 * its own (batches, a block or a value) and is read by its own ranged read. `undefined` pieces and
 * Batches without records take no bytes and are read as `undefined`.
 */
export class Partitioned {
  readonly parts: number;
  /** The pieces in order of part; each is asked for once, in order, and may be dropped after. */
  readonly pieces: Iterable<unknown> | AsyncIterable<unknown>;

  constructor(parts: number, pieces: Iterable<unknown> | AsyncIterable<unknown>) {
    this.parts = parts;
    this.pieces = pieces;
  }
}
