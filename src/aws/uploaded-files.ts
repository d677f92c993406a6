import type { ByteSource, SourceFile } from "../backend/byte-source.ts";
import type { ObjectBucket } from "../backend/object-bucket.ts";
import { nameOf } from "../base/content-name.ts";
import { changedError, sourceError } from "../sources/source-error.ts";
import { bucketPrefixes } from "./deployment.ts";
import { onBucket } from "./store-errors.ts";

/** Bytes of one request. */
const requestBytes = 4 * 2 ** 20;

/** Where a file of the client's lies in the bucket: by what the client knows of it, its content unread. */
export function uploadedKey({ url, version }: SourceFile): string {
  const name = nameOf([url, version]);
  return `${bucketPrefixes.inputs}${name.slice(0, 2)}/${name}`;
}

/** True for files of the client's machine, which no worker on Lambda sees. */
export function isOfClient(url: string): boolean {
  return !/^[a-z][a-z0-9+.-]+:\/\//i.test(url) || url.startsWith("file:");
}

/** Files as workers see them: those of the client's machine as they were uploaded, all others where they are. */
export class UploadedFiles implements ByteSource {
  readonly #bucket: ObjectBucket;
  readonly #others: ByteSource;

  constructor(bucket: ObjectBucket, others: ByteSource) {
    this.#bucket = bucket;
    this.#others = others;
  }

  async expand(pattern: string): Promise<readonly SourceFile[]> {
    if (isOfClient(pattern)) throw notHere(pattern);
    return await this.#others.expand(pattern);
  }

  async *read(
    file: SourceFile,
    range: { readonly start: number; readonly end: number },
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    if (!isOfClient(file.url)) {
      yield* this.#others.read(file, range, signal);
      return;
    }
    const key = uploadedKey(file);
    const last = Math.min(range.end, file.bytes);
    for (let start = range.start; start < last; start += requestBytes) {
      const read = { key, range: { start, end: Math.min(start + requestBytes, last) } };
      const answer = await onBucket(this.#bucket, () => this.#bucket.get(read, signal));
      if (answer.kind !== "found") throw changedError(file.url);
      yield answer.bytes;
    }
  }

  async write(url: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    if (isOfClient(url)) throw notHere(url);
    await this.#others.write(url, bytes);
  }

  async remove(url: string): Promise<void> {
    if (isOfClient(url)) throw notHere(url);
    await this.#others.remove(url);
  }
}

function notHere(url: string): Error {
  return sourceError(url, {
    what: "a worker on Lambda cannot reach files of the machine that started it",
    fix: "use s3://bucket/key",
  });
}
