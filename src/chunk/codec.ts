import { crc32 } from "node:zlib";
import { unreachable } from "../base/assert.ts";
import type { MaybePromise } from "../base/maybe-promise.ts";
import { decodeFrame, framesOf } from "./batch-frames.ts";
import { Batches } from "./batches.ts";
import { Block, blockOfBytes, isDtype } from "./block.ts";
import { bodyOf, checkedBody, checkedPieces, wholeFooter } from "./check-chunk.ts";
import {
  type ChunkFooter,
  type Corrupt,
  chunkKind,
  corruptChunk,
  decodeFooter,
  type ReadFooter,
} from "./chunk-layout.ts";
import { encodeBatches } from "./encode-batches.ts";
import { encodeParts, piecesOf } from "./encode-parts.ts";
import {
  type EncodedChunk,
  type EncodeOptions,
  streamOfBody,
  summaryOf,
  wholeChunk,
} from "./encoded-chunk.ts";
import { EncodedPiece, Partitioned } from "./partitioned.ts";
import { decodeValue, encodeValue, largeView, startOfView } from "./value-codec.ts";

const defaultOptions: EncodeOptions = { wholeBytesMax: 32 * 1024 };

/**
 * A task's output as chunk bytes: Batches, a Block, Partitioned or a plain value. Plain values and blocks, and
 * Batches whose source is sync, are encoded without a promise.
 */
export function encodeChunk(
  output: unknown,
  options: EncodeOptions = defaultOptions,
): MaybePromise<EncodedChunk> {
  if (output instanceof Batches) return encodeBatches(output, options);
  if (output instanceof Block) return encodeBlock(output, options);
  if (output instanceof Partitioned) {
    const { wholeBytesMax } = options;
    return encodeParts(output, options, (piece) =>
      encodeChunk(piece, { wholeBytesMax, isPiece: true }),
    );
  }
  if (output instanceof EncodedPiece) return chunkOf(output);
  return encodePlain(output, options);
}

function chunkOf({ bytes }: EncodedPiece): EncodedChunk {
  const footer = decodeFooter(bytes, corruptChunk);
  const { checksum } = footer;
  return { kind: "whole", bytes, summary: summaryOf(footer, { bytes: bytes.length, checksum }) };
}

function encodePlain(value: unknown, options: EncodeOptions): EncodedChunk {
  const toData = lazyToData(value);
  const plain = toData === undefined ? value : toData();
  const view = largeView(plain);
  // A stream may be read when the value has changed: only what is copied at once may be taken as it lies.
  const isCopied = options.wholeBytesMax === Number.POSITIVE_INFINITY;
  const body =
    view !== undefined && isCopied
      ? [startOfView(view.kind, view.bytes.length), view.bytes]
      : [encodeValue(plain, options.where ?? "result")];
  return encodeBody(body, options, {
    kind: chunkKind.value,
    rows: rowsOf(value),
    lazy: toData !== undefined,
    detail: view?.kind,
  });
}

/** How a lazy result says itself as plain data; `undefined` for results that are values. */
function lazyToData(value: unknown): (() => unknown) | undefined {
  if (typeof value !== "object" || value === null || !(toDataKey in value)) return undefined;
  const toData = value[toDataKey];
  return typeof toData === "function" ? () => toData.call(value) : undefined;
}

const toDataKey = Symbol.for("lambdask.toData");

function encodeBlock(block: Block, options: EncodeOptions): EncodedChunk {
  const { data, dtype, shape } = block;
  const body = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return encodeBody([body], options, {
    kind: chunkKind.block,
    rows: data.length,
    lazy: false,
    detail: [dtype, shape],
  });
}

function encodeBody(
  body: readonly Uint8Array[],
  options: EncodeOptions,
  facts: Pick<ChunkFooter, "kind" | "rows" | "lazy" | "detail">,
): EncodedChunk {
  const footer: ChunkFooter = {
    ...facts,
    bodyBytes: body.reduce((sum, piece) => sum + piece.length, 0),
    bodyChecksum: body.reduce((sum, piece) => crc32(piece, sum), 0),
    statistics: options.statistics?.(),
  };
  return footer.bodyBytes > options.wholeBytesMax
    ? streamOfBody(body, footer)
    : wholeChunk(body, footer);
}

function rowsOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  return value instanceof Map || value instanceof Set ? value.size : 1;
}

/** What a reader knows of the chunk it decodes. */
export interface DecodeOptions {
  /** The checksum that the writer told: bytes of another chunk are refused. */
  readonly checksum?: number | undefined;
  readonly corrupt?: Corrupt;
  /** The bytes are also somebody else's: a block is copied out of them and not a view, so that it may be changed. */
  readonly shared?: boolean;
}

/**
 * What `encodeChunk` wrote as `bytes`, verified: values and blocks at once, Batches and Partitioned frame by frame as
 * they are read. A decoded block is a view of `bytes` unless they are `shared`.
 */
export function decodeChunk(bytes: Uint8Array, options: DecodeOptions = {}): unknown {
  const corrupt = options.corrupt ?? corruptChunk;
  const footer = wholeFooter(bytes, options.checksum, corrupt);
  const body = bodyOf(bytes, footer);
  switch (footer.kind) {
    case chunkKind.value:
      return decodeValue(checkedBody(body, footer, corrupt));
    case chunkKind.block:
      checkedBody(body, footer, corrupt);
      return decodeBlock(options.shared ? new Uint8Array(body) : body, footer, corrupt);
    case chunkKind.batches:
      return new Batches(recordsOf(body, footer, corrupt));
    case chunkKind.parts:
    case chunkKind.innerParts:
      return partitionedOf(bytes, footer, { ...options, corrupt });
    default:
      return unreachable(footer.kind);
  }
}

function decodeBlock(body: Uint8Array, footer: ReadFooter, corrupt: Corrupt): Block {
  if (!Array.isArray(footer.detail)) throw corrupt("its dtype and shape are malformed");
  const detail: readonly unknown[] = footer.detail;
  const [dtype, shape] = detail;
  if (!isDtype(dtype) || !Array.isArray(shape)) throw corrupt("its dtype or shape is malformed");
  return blockOfBytes(dtype, shape, body);
}

function* recordsOf(
  body: Uint8Array,
  footer: ReadFooter,
  corrupt: Corrupt,
): Iterable<readonly unknown[]> {
  for (const frame of framesOf(footer.detail, corrupt)) {
    yield decodeFrame(body.subarray(frame.offset, frame.offset + frame.bytes), frame, corrupt);
  }
}

function partitionedOf(
  bytes: Uint8Array,
  footer: ReadFooter,
  { shared = false, corrupt }: { readonly shared?: boolean; readonly corrupt: Corrupt },
): Partitioned {
  const pieces = piecesOf(footer.detail, corrupt);
  function* decoded(): Iterable<unknown> {
    for (const { offset, length, checksum } of pieces) {
      yield length === 0
        ? undefined
        : decodeChunk(bytes.subarray(offset, offset + length), { checksum, corrupt, shared });
    }
  }
  function* encoded(): Iterable<EncodedPiece | undefined> {
    for (const piece of checkedPieces(bytes, footer, corrupt))
      yield piece && new EncodedPiece(piece);
  }
  return new Partitioned(pieces.length, decoded(), encoded());
}
