import type { ContentName } from "../../../src/base/ids.ts";
import { blobsOf, capture } from "../../../src/code/capture.ts";
import { createLinker, type LinkedFunction, type Linker } from "../../../src/code/link.ts";

/** A linker in this process that is given what `ship` captured. */
export class LinkHere {
  readonly #blobs = new Map<ContentName, Uint8Array>();
  readonly #linker: Linker = createLinker({
    readBlob: (hash) => Promise.resolve(this.#blobs.get(hash) ?? new Uint8Array()),
  });

  /** Captures `fn` now and makes it callable again. */
  ship(fn: (...args: never[]) => unknown): Promise<LinkedFunction> {
    const shipped = capture(fn, { where: "test" });
    for (const [hash, bytes] of blobsOf(shipped)) this.#blobs.set(hash, bytes);
    return this.#linker.link(shipped);
  }

  /** Captures `fn` and calls what comes of it. */
  async run(fn: (...args: never[]) => unknown, ...args: readonly unknown[]): Promise<unknown> {
    return (await this.ship(fn))(...args);
  }
}
