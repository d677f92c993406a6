import type { ByteSource, SourceFile } from "../backend/byte-source.ts";
import type { ObjectBucket } from "../backend/object-bucket.ts";
import { formatBytes } from "../base/byte-size.ts";
import { LambdaskError } from "../base/errors.ts";
import { onBucket } from "./store-errors.ts";
import { isOfClient, uploadedKey } from "./uploaded-files.ts";

/** Files of this machine that one run may read, in bytes: more belongs into a bucket. */
const inputBytesMax = 2 ** 30;
const uploadsAtOnce = 4;

/** Gives files of this machine to workers that do not see it: each version is uploaded once. */
export class InputFiles {
  readonly #bucket: ObjectBucket;
  readonly #sources: ByteSource;
  readonly #bytesMax: number;
  /** Keys that are known to be there. */
  readonly #there = new Set<string>();

  constructor(bucket: ObjectBucket, sources: ByteSource, bytesMax: number = inputBytesMax) {
    this.#bucket = bucket;
    this.#sources = sources;
    this.#bytesMax = bytesMax;
  }

  /** Uploads those of `files` that are of this machine and not there; too many bytes are refused before any is sent. */
  async take(files: readonly SourceFile[]): Promise<void> {
    const own = new Map(
      files.filter(({ url }) => isOfClient(url)).map((file) => [uploadedKey(file), file]),
    );
    const bytes = own.values().reduce((sum, file) => sum + file.bytes, 0);
    if (bytes > this.#bytesMax) {
      throw new LambdaskError("LIMIT", {
        message: `the work reads ${formatBytes(bytes)} of files of this machine, at most ${formatBytes(this.#bytesMax)} are uploaded`,
        fix: "copy the files to a bucket once, and read them from s3://bucket/…",
      });
    }
    const rest = own.entries();
    const uploadSome = async (): Promise<void> => {
      for (const [key, file] of rest) await this.#upload(key, file);
    };
    await Promise.all(Array.from({ length: Math.min(uploadsAtOnce, own.size) }, uploadSome));
  }

  async #upload(key: string, file: SourceFile): Promise<void> {
    if (this.#there.has(key)) return;
    await onBucket(this.#bucket, async () => {
      if ((await this.#bucket.head(key)) === undefined) {
        const all = { start: 0, end: file.bytes };
        // Another client may upload it at the same time: one of them is as good as the other.
        const write = { key, condition: { absent: true } } as const;
        await this.#bucket.upload(write, this.#sources.read(file, all));
      }
    });
    this.#there.add(key);
  }
}
