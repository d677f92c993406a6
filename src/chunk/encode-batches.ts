import { present } from "../base/assert.ts";
import { isPromise, type MaybePromise } from "../base/maybe-promise.ts";
import { FrameBuilder } from "./batch-frames.ts";
import { type Batches, type BatchIterator, closedQuietly } from "./batches.ts";
import { type ChunkFooter, chunkKind, encodeHead } from "./chunk-layout.ts";
import {
  type ChunkSummary,
  type EncodedChunk,
  type EncodeOptions,
  sealChunk,
  wholeChunk,
} from "./encoded-chunk.ts";

/** Encodes a part of a bag: whole if it stays small, else frame by frame as its records come. */
export function encodeBatches(
  batches: Batches,
  options: EncodeOptions,
): MaybePromise<EncodedChunk> {
  const builder = new FrameBuilder();
  const iterator = batches.open();
  try {
    for (;;) {
      const next = iterator.next();
      if (isPromise(next)) return encodeWaiting(iterator, next, builder, options);
      if (next.done) return whole(builder, options);
      builder.add(next.value);
      if (builder.bodyBytes > options.wholeBytesMax) return stream(iterator, builder, options);
    }
  } catch (error) {
    // A record that cannot be encoded must not leave the source open.
    void closedQuietly(iterator);
    throw error;
  }
}

async function encodeWaiting(
  iterator: BatchIterator<unknown>,
  first: Promise<IteratorResult<readonly unknown[], unknown>>,
  builder: FrameBuilder,
  options: EncodeOptions,
): Promise<EncodedChunk> {
  try {
    for (let next = await first; ; next = await iterator.next()) {
      if (next.done) return whole(builder, options);
      builder.add(next.value);
      if (builder.bodyBytes > options.wholeBytesMax) return stream(iterator, builder, options);
    }
  } catch (error) {
    await closedQuietly(iterator);
    throw error;
  }
}

function whole(builder: FrameBuilder, options: EncodeOptions): EncodedChunk {
  builder.finish();
  return wholeChunk(builder.take(), footerOf(builder, options));
}

function stream(
  iterator: BatchIterator<unknown>,
  builder: FrameBuilder,
  options: EncodeOptions,
): EncodedChunk {
  let summary: ChunkSummary | undefined;
  async function* frames(): AsyncIterable<Uint8Array> {
    yield encodeHead(chunkKind.batches);
    yield* builder.take();
    for (;;) {
      const next = await iterator.next();
      if (next.done) break;
      builder.add(next.value);
      yield* builder.take();
    }
    builder.finish();
    yield* builder.take();
    const end = sealChunk(footerOf(builder, options));
    summary = end.summary;
    yield end.bytes;
  }
  return {
    kind: "stream",
    frames: frames(),
    summary: () => present(summary, "the summary of a stream that has not ended"),
    close: async () => {
      await iterator.return?.();
    },
  };
}

function footerOf(builder: FrameBuilder, options: EncodeOptions): ChunkFooter {
  return {
    kind: chunkKind.batches,
    rows: builder.rows,
    bodyBytes: builder.bodyBytes,
    bodyChecksum: 0,
    lazy: false,
    detail: builder.table,
    statistics: options.statistics?.(),
  };
}
