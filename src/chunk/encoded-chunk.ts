import { Buffer } from "node:buffer";
import { type ChunkFooter, encodeFooter, encodeHead } from "./chunk-layout.ts";

/** Where one piece of an exchange object lies. An empty piece has no bytes. */
export interface PieceSummary {
  readonly offset: number;
  readonly length: number;
  readonly checksum: number;
  readonly rows: number;
}

/** What is known of a chunk once it is encoded; the stored footer says the same. */
export interface ChunkSummary {
  readonly bytes: number;
  readonly rows: number;
  /** Stands for every byte of the chunk. */
  readonly checksum: number;
  readonly lazy: boolean;
  readonly parts?: readonly PieceSummary[];
  readonly statistics?: unknown;
}

/** A chunk as bytes: small ones at once, large ones as a stream that is read once. */
export type EncodedChunk =
  | { readonly kind: "whole"; readonly bytes: Uint8Array; readonly summary: ChunkSummary }
  | {
      readonly kind: "stream";
      readonly frames: AsyncIterable<Uint8Array>;
      /** Known when `frames` has ended. */
      summary(): ChunkSummary;
      /** Ends what feeds the stream, when it is not read to its end. */
      close(): Promise<void>;
    };

/** How to encode. */
export interface EncodeOptions {
  /** Chunks up to this many bytes come whole; larger ones too where their bytes are at hand anyway. */
  readonly wholeBytesMax: number;
  /** It is a piece of an exchange. */
  readonly isPiece?: boolean;
  /** What the value is called where it is refused. Default: `result`. */
  readonly where?: string;
  /** What the operation reported, asked for when the body is complete. */
  readonly statistics?: () => unknown;
}

/** The summary that follows from a footer. */
export function summaryOf(
  footer: ChunkFooter,
  { bytes, checksum }: { bytes: number; checksum: number },
  parts?: readonly PieceSummary[],
): ChunkSummary {
  return {
    bytes,
    rows: footer.rows,
    checksum,
    lazy: footer.lazy,
    ...(parts === undefined ? {} : { parts }),
    ...(footer.statistics === undefined ? {} : { statistics: footer.statistics }),
  };
}

/** The end of a chunk: its footer as bytes, and the summary. */
export function sealChunk(
  footer: ChunkFooter,
  parts?: readonly PieceSummary[],
): { bytes: Buffer; summary: ChunkSummary } {
  const { bytes, checksum } = encodeFooter(footer);
  const chunkBytes = encodeHead(footer.kind).length + footer.bodyBytes + bytes.length;
  return { bytes, summary: summaryOf(footer, { bytes: chunkBytes, checksum }, parts) };
}

/** A chunk in one piece of memory. */
export function wholeChunk(
  body: readonly Uint8Array[],
  footer: ChunkFooter,
  parts?: readonly PieceSummary[],
): EncodedChunk {
  const head = encodeHead(footer.kind);
  const end = sealChunk(footer, parts);
  const bytes = Buffer.allocUnsafe(end.summary.bytes);
  bytes.set(head);
  let offset = head.length;
  for (const piece of body) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  bytes.set(end.bytes, offset);
  return { kind: "whole", bytes, summary: end.summary };
}

/** A chunk whose body lies in memory already, as a stream: large bodies are not copied. */
export function streamOfBody(body: readonly Uint8Array[], footer: ChunkFooter): EncodedChunk {
  const end = sealChunk(footer);
  return {
    kind: "stream",
    frames: framesOf([encodeHead(footer.kind), ...body, end.bytes]),
    summary: () => end.summary,
    close: async () => {},
  };
}

async function* framesOf(frames: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* frames;
}
