// A worker process: links what it is sent and calls it. Started by remote.ts.
import type { ContentName } from "../../../src/base/ids.ts";
import { createLinker } from "../../../src/code/link.ts";
import type { CallMessage } from "./remote.ts";

const blobs = new Map<ContentName, Uint8Array>();
const linker = createLinker({ readBlob: async (hash) => blobs.get(hash) ?? new Uint8Array() });

async function collected(items: AsyncIterable<unknown> | Iterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function answer(message: CallMessage): Promise<void> {
  const { call, shipped, args, collect } = message;
  for (const [hash, bytes] of message.blobs) blobs.set(hash, bytes);
  try {
    const fn = await linker.link(shipped);
    const result = fn(...args);
    const value = collect ? await collected(result as Iterable<unknown>) : await result;
    process.send?.({ call, value });
  } catch (error) {
    const { message: text, stack } = error as Error;
    process.send?.({ call, error: { message: text, stack, data: Object.assign({}, error) } });
  }
}

process.on("message", (message: CallMessage) => void answer(message));
