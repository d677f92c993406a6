/** A whole chunk as its producer encoded it: written as it is, into another object. */
export class EncodedPiece {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/**
 * What an exchange producer gives: `parts` pieces, written one behind another into one object. A piece is a chunk of
 * its own (batches, a block, a value, pieces again, or what is encoded already) and is read by its own ranged read.
 * `undefined` pieces and Batches without records take no bytes and are read as `undefined`.
 */
export class Partitioned {
  readonly parts: number;
  /** The pieces in order of part; each is asked for once, in order, and may be dropped after. */
  readonly pieces: Iterable<unknown> | AsyncIterable<unknown>;
  /** Of what was read: the pieces verified, but not decoded. Views of the bytes that were read. */
  readonly encoded: Iterable<EncodedPiece | undefined> | undefined;

  constructor(
    parts: number,
    pieces: Iterable<unknown> | AsyncIterable<unknown>,
    encoded?: Iterable<EncodedPiece | undefined>,
  ) {
    this.parts = parts;
    this.pieces = pieces;
    this.encoded = encoded;
  }
}
