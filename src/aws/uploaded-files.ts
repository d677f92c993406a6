import type { ByteSource, SourceFile } from "../backend/byte-source.ts";
import type { ObjectBucket } from "../backend/object-bucket.ts";
import { urlScheme } from "../base/url-scheme.ts";
import { changedError, sourceError } from "../sources/source-error.ts";
import { bucketPrefixes } from "./deployment.ts";
import { onBucket } from "./store-errors.ts";

/** Bytes of one request. */
const requestBytes = 4 * 2 ** 20;

const contentForm = /^[0-9a-f]{32}$/;

/** Where an uploaded file lies in the bucket, by the name of its content. */
export function uploadedKey(content: string): string {
  return `${bucketPrefixes.inputs}${content.slice(0, 2)}/${content}`;
}

/** True for files of the client's machine, which no worker on Lambda sees. */
export function isOfClient(url: string): boolean {
  const scheme = urlScheme(url);
  return scheme === undefined || scheme === "file";
}

/**
 * Files as workers see them: those of the client's machine as they were uploaded, their version being the name of
 * their content; all others where they are.
 */
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
    if (!contentForm.test(file.version)) {
      throw notHere(
        file.url,
        "compute or persist what reads the file, instead of handing it to a future",
      );
    }
    const key = uploadedKey(file.version);
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

function notHere(url: string, fix = "use s3://bucket/key"): Error {
  return sourceError(url, {
    what: "a worker on Lambda cannot reach files of the machine that started it",
    fix,
  });
}
