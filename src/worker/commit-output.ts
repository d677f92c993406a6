import { chunkKey } from "../backend/chunk-key.ts";
import { type Invocation, inlineBytesMax, type OutputSummary } from "../backend/task.ts";
import type { ChunkKey } from "../base/ids.ts";
import { isPromise, type MaybePromise } from "../base/maybe-promise.ts";
import { encodeChunk } from "../chunk/codec.ts";
import type { ChunkSummary, EncodedChunk } from "../chunk/encoded-chunk.ts";
import { readSummary } from "../chunk/stored-chunk.ts";
import { objectBytes } from "./object-bytes.ts";
import type { TaskContext } from "./task-context.ts";
import { onStore, StoreCallFailed, TaskFailure } from "./thrown.ts";

/** What became of a task's output. */
export interface Committed {
  readonly output: OutputSummary;
  /** The object was there already: `output` says what is stored, not what was made. */
  readonly existed: boolean;
  readonly lazy: boolean;
}

/** Stored outputs up to this size are written at once. */
const wholeBytesMax = 256 * 1024;

/** Encodes a task's output; small ones ride in the reply, others are written unless they are there. */
export function commitOutput(
  output: unknown,
  task: TaskContext,
  stage: Invocation["stage"],
): MaybePromise<Committed> {
  const encoded = encodeChunk(output, {
    wholeBytesMax: stage.store ? wholeBytesMax : inlineBytesMax,
    statistics: () => task.statistics,
  });
  return isPromise(encoded)
    ? encoded.then((chunk) => commit(chunk, task, stage))
    : commit(encoded, task, stage);
}

/** What is stored for a task that may have run before; `undefined` if nothing is. */
export async function findCommitted(
  task: TaskContext,
  stage: Invocation["stage"],
): Promise<Committed | undefined> {
  try {
    return await stored(chunkKey(stage.name, task.index), task);
  } catch (error) {
    if (error instanceof TaskFailure && error.failure.kind === "lost-input") return undefined;
    throw error;
  }
}

function commit(
  encoded: EncodedChunk,
  task: TaskContext,
  stage: Invocation["stage"],
): MaybePromise<Committed> {
  if (encoded.kind === "whole") task.checkGoesOn();
  if (encoded.kind === "whole" && !stage.store && encoded.bytes.length <= inlineBytesMax) {
    const { lazy, ...summary } = encoded.summary;
    return { output: { ...summary, inline: encoded.bytes }, existed: false, lazy };
  }
  return put(encoded, task, chunkKey(stage.name, task.index));
}

async function put(encoded: EncodedChunk, task: TaskContext, key: ChunkKey): Promise<Committed> {
  if (encoded.kind === "whole") {
    const outcome = await onStore(() => task.store.putIfAbsent(key, encoded.bytes, task.stop));
    return outcome === "existed" ? stored(key, task) : committed(encoded.summary, false);
  }
  try {
    const outcome = await putStream(encoded.frames, task, key);
    return outcome === "existed" ? stored(key, task) : committed(encoded.summary(), false);
  } finally {
    await encoded.close();
  }
}

/** Writes a stream; an error of what feeds it is thrown as it is, one of the store as the store's. */
async function putStream(
  frames: AsyncIterable<Uint8Array>,
  task: TaskContext,
  key: ChunkKey,
): Promise<"written" | "existed"> {
  let feeding: { readonly error: unknown } | undefined;
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* frames;
      // The user's functions ran while it was written.
      task.checkGoesOn();
    } catch (error) {
      feeding = { error };
      throw error;
    }
  }
  try {
    return await onStore(() => task.store.putIfAbsent(key, watched()));
  } catch (error) {
    throw error instanceof StoreCallFailed && feeding !== undefined ? feeding.error : error;
  }
}

async function stored(key: ChunkKey, task: TaskContext): Promise<Committed> {
  const { store, stop: signal } = task;
  // What was kept of it tells nothing about what is there: a bad object may have been moved aside since.
  store.forget?.(key);
  const access = { store, signal, now: () => 0, onRead: () => {} };
  return committed(await readSummary(objectBytes({ key }, access)), true);
}

function committed({ lazy, ...output }: ChunkSummary, existed: boolean): Committed {
  return { output, existed, lazy };
}
