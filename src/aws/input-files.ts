import { createHash } from "node:crypto";
import type { FilesAway } from "../backend/backend.ts";
import type { ByteSource, SourceFile } from "../backend/byte-source.ts";
import type { Clock } from "../backend/clock.ts";
import type { ObjectBucket } from "../backend/object-bucket.ts";
import { atOnce } from "../base/at-once.ts";
import { formatBytes } from "../base/byte-size.ts";
import { nameOf } from "../base/content-name.ts";
import { LambdaskError } from "../base/errors.ts";
import { bucketPrefixes } from "./deployment.ts";
import { onBucket } from "./store-errors.ts";
import { isOfClient, uploadedKey } from "./uploaded-files.ts";

/** Files of this machine that one run may read, in bytes: more belongs into a bucket. */
const inputBytesMax = 2 ** 30;
const filesAtOnce = 4;

/** What uploads need. */
interface InputFilesOptions {
  readonly bucket: ObjectBucket;
  readonly sources: ByteSource;
  readonly clock: Pick<Clock, "now">;
  /** An upload that is older is sent again: it might be taken away while it is read. */
  readonly ageMsMax: number;
  readonly bytesMax?: number;
}

/**
 * Gives files of this machine to workers that do not see it, by content: the same bytes are uploaded once, whatever
 * they are called and wherever they come from. Each version of a file is read once more, to name its content.
 */
export class InputFiles {
  readonly #options: InputFilesOptions;
  /** By what the system knows of a file (`idOf`): the name of its content. */
  readonly #contents = new Map<string, string>();
  /** By name of content: when what lies in the bucket was written. */
  readonly #written = new Map<string, number>();

  constructor(options: InputFilesOptions) {
    this.#options = options;
  }

  /** Uploads those of `files` that are of this machine and not there; too many bytes are refused before any is read. */
  async take(files: readonly SourceFile[]): Promise<FilesAway> {
    const own = new Map(
      files.filter(({ url }) => isOfClient(url)).map((file) => [idOf(file), file]),
    );
    const { bucket, bytesMax = inputBytesMax } = this.#options;
    const bytes = own.values().reduce((sum, file) => sum + file.bytes, 0);
    if (bytes > bytesMax) {
      throw new LambdaskError("LIMIT", {
        message: `the work reads ${formatBytes(bytes)} of files of this machine, at most ${formatBytes(bytesMax)} are uploaded`,
        fix: "copy the files to a bucket once, and read them from s3://bucket/…",
      });
    }
    await atOnce(filesAtOnce, own.values(), (file) => this.#name(file));
    // Files of the same content are one upload.
    const byContent = new Map(own.values().map((file) => [this.#contentOf(file), file]));
    await atOnce(filesAtOnce, byContent, ([content, file]) => this.#upload(content, file));
    return {
      readable: (file) => ({ ...file, version: this.#contentOf(file) ?? file.version }),
      outputs: (run) => outputsUrl(bucket.name, run),
    };
  }

  #contentOf(file: SourceFile): string | undefined {
    return this.#contents.get(idOf(file));
  }

  async #name(file: SourceFile): Promise<void> {
    if (this.#contentOf(file) !== undefined) return;
    const hash = createHash("sha256");
    for await (const piece of this.#read(file)) hash.update(piece);
    this.#contents.set(idOf(file), hash.digest("hex").slice(0, 32));
  }

  async #upload(content: string | undefined, file: SourceFile): Promise<void> {
    const { bucket, clock } = this.#options;
    if (content === undefined || this.#isFresh(content)) return;
    const key = uploadedKey(content);
    await onBucket(bucket, async () => {
      const there = await bucket.head(key);
      if (there !== undefined) this.#written.set(content, there.modifiedMs);
      if (this.#isFresh(content)) return;
      // Written over what is there: by whomever, it is the same bytes.
      await bucket.upload({ key }, this.#read(file));
      this.#written.set(content, clock.now());
    });
  }

  #isFresh(content: string): boolean {
    const { clock, ageMsMax } = this.#options;
    return (this.#written.get(content) ?? -Infinity) > clock.now() - ageMsMax;
  }

  #read(file: SourceFile): AsyncIterable<Uint8Array> {
    return this.#options.sources.read(file, { start: 0, end: file.bytes });
  }
}

/** What the system knows of a file: another id once it was written or replaced. */
function idOf({ url, version }: SourceFile): string {
  return `${version} ${url}`;
}

/** Hash first, so that the load of several runs spreads. */
function outputsUrl(bucket: string, run: string): string {
  return `s3://${bucket}/${bucketPrefixes.outputs}${nameOf(run).slice(0, 2)}/${run}/`;
}
