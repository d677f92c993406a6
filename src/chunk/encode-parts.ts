import { assert, present } from "../base/assert.ts";
import { isPromise, type MaybePromise } from "../base/maybe-promise.ts";
import { type ChunkFooter, type Corrupt, chunkKind, encodeHead } from "./chunk-layout.ts";
import {
  type ChunkSummary,
  type EncodedChunk,
  type EncodeOptions,
  type PieceSummary,
  sealChunk,
  wholeChunk,
} from "./encoded-chunk.ts";
import type { Partitioned } from "./partitioned.ts";

/** Encodes one piece, as a chunk of its own. */
export type EncodePiece = (piece: unknown) => MaybePromise<EncodedChunk>;

/** Encodes the output of an exchange: its pieces one behind another, each a chunk of its own. */
export async function encodeParts(
  partitioned: Partitioned,
  options: EncodeOptions,
  encodePiece: EncodePiece,
): Promise<EncodedChunk> {
  const table = new PieceTable(partitioned.parts, options);
  const frames = pieceFrames(partitioned, table, encodePiece);
  const gathered: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const next = await frames.next();
    if (next.done) return wholeChunk(gathered, table.footer(), table.pieces);
    gathered.push(next.value);
    bytes += next.value.length;
    if (bytes > options.wholeBytesMax) return stream(gathered, frames, table);
  }
}

async function* pieceFrames(
  partitioned: Partitioned,
  table: PieceTable,
  encodePiece: EncodePiece,
): AsyncGenerator<Uint8Array> {
  for await (const piece of partitioned.pieces) {
    const encoding = piece === undefined ? undefined : encodePiece(piece);
    const encoded = isPromise(encoding) ? await encoding : encoding;
    if (encoded === undefined || isEmpty(encoded)) {
      table.add(undefined);
    } else if (encoded.kind === "whole") {
      yield encoded.bytes;
      table.add(encoded.summary);
    } else {
      try {
        yield* encoded.frames;
      } finally {
        await encoded.close();
      }
      table.add(encoded.summary());
    }
  }
}

/** True for batches without records: they take no bytes, for most pieces of a wide exchange are such. */
function isEmpty(encoded: EncodedChunk): boolean {
  return (
    encoded.kind === "whole" &&
    encoded.summary.rows === 0 &&
    encoded.bytes.at(5) === chunkKind.batches
  );
}

function stream(
  gathered: readonly Uint8Array[],
  frames: AsyncGenerator<Uint8Array>,
  table: PieceTable,
): EncodedChunk {
  let summary: ChunkSummary | undefined;
  async function* all(): AsyncIterable<Uint8Array> {
    yield encodeHead(table.kind);
    yield* gathered;
    yield* frames;
    const end = sealChunk(table.footer(), table.pieces);
    summary = end.summary;
    yield end.bytes;
  }
  return {
    kind: "stream",
    frames: all(),
    summary: () => present(summary, "the summary of a stream that has not ended"),
    close: async () => {
      await frames.return(undefined);
    },
  };
}

class PieceTable {
  readonly pieces: PieceSummary[] = [];
  readonly kind: ChunkFooter["kind"];
  readonly #parts: number;
  readonly #options: EncodeOptions;
  #bytes = 0;
  #rows = 0;

  constructor(parts: number, options: EncodeOptions) {
    this.#parts = parts;
    this.#options = options;
    this.kind = options.isPiece ? chunkKind.innerParts : chunkKind.parts;
  }

  add(summary: ChunkSummary | undefined): void {
    assert(this.pieces.length < this.#parts, `an exchange gave more than ${this.#parts} pieces`);
    const { bytes: length, rows, checksum } = summary ?? emptyPiece;
    const offset = encodeHead(chunkKind.parts).length + this.#bytes;
    this.pieces.push({ offset, length, checksum, rows });
    this.#bytes += length;
    this.#rows += rows;
  }

  footer(): ChunkFooter {
    const { length } = this.pieces;
    assert(length === this.#parts, `an exchange gave ${length} of ${this.#parts} pieces`);
    return {
      kind: this.kind,
      rows: this.#rows,
      bodyBytes: this.#bytes,
      bodyChecksum: 0,
      lazy: false,
      detail: this.pieces.flatMap((piece) => [piece.length, piece.checksum, piece.rows]),
      statistics: this.#options.statistics?.(),
    };
  }
}

const emptyPiece = { bytes: 0, rows: 0, checksum: 0 };

/** The pieces that a footer's detail lists. */
export function piecesOf(detail: unknown, corrupt: Corrupt): readonly PieceSummary[] {
  if (!Array.isArray(detail) || detail.length % 3 !== 0) throw corrupt("its pieces are malformed");
  const pieces: PieceSummary[] = [];
  let offset = encodeHead(chunkKind.parts).length;
  for (let i = 0; i < detail.length; i += 3) {
    const [length, checksum, rows] = detail.slice(i, i + 3) as [number, number, number];
    pieces.push({ offset, length, checksum, rows });
    offset += length;
  }
  return pieces;
}
