import { blobsOf, capture } from "../../../src/code/capture.ts";
import { createLinker, type LinkedFunction } from "../../../src/code/link.ts";

/** Captures `fn` and makes it callable again in this same process. */
export async function shipAndLink(fn: (...args: never[]) => unknown): Promise<LinkedFunction> {
  const shipped = capture(fn, { where: "test" });
  const blobs = blobsOf(shipped);
  const linker = createLinker({
    readBlob: async (hash) => blobs.get(hash) ?? new Uint8Array(),
  });
  return linker.link(shipped);
}
