import type { ByteSource, SourceFile } from "../backend/byte-source.ts";
import { badArgument } from "../base/errors.ts";
import { urlScheme } from "../base/url-scheme.ts";
import type { S3Connection, S3Options } from "./s3-client.ts";

type Scheme = "file" | "https" | "s3";

/** The user's own files by path or URL: `file:`, `https:` and `s3:`. Each kind is loaded on its first use. */
export class UserSources implements ByteSource {
  readonly #cwd: string;
  readonly #s3: S3Options;
  readonly #loaded = new Map<Scheme, Promise<ByteSource>>();
  #buckets: S3Connection | undefined;

  /** Relative paths start at `cwd`; `s3` says where buckets are, if the environment does not. */
  constructor(cwd: string, s3: S3Options = {}) {
    this.#cwd = cwd;
    this.#s3 = s3;
  }

  async expand(pattern: string): Promise<readonly SourceFile[]> {
    return (await this.#sourceOf(pattern)).expand(pattern);
  }

  async *read(
    file: SourceFile,
    range: { readonly start: number; readonly end: number },
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    yield* (await this.#sourceOf(file.url)).read(file, range, signal);
  }

  async write(url: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    return (await this.#sourceOf(url)).write(url, bytes);
  }

  async remove(url: string): Promise<void> {
    return (await this.#sourceOf(url)).remove(url);
  }

  async sweep(url: string): Promise<void> {
    await (await this.#sourceOf(url)).sweep?.(url);
  }

  /** Ends the connections that wait for the next read. */
  close(): void {
    this.#buckets?.close();
  }

  #sourceOf(url: string): Promise<ByteSource> {
    const scheme = schemeOf(url);
    let source = this.#loaded.get(scheme);
    if (source === undefined) {
      source = this.#load(scheme);
      this.#loaded.set(scheme, source);
    }
    return source;
  }

  async #load(scheme: Scheme): Promise<ByteSource> {
    if (scheme === "file") return new (await import("./file-source.ts")).FileSource(this.#cwd);
    if (scheme === "https") return new (await import("./https-source.ts")).HttpsSource();
    const { connectS3 } = await import("./s3-client.ts");
    const { S3Source } = await import("./s3-source.ts");
    const connection = connectS3(this.#s3);
    this.#buckets = connection;
    return new S3Source((bucket) => connection.bucket(bucket));
  }
}

function schemeOf(url: unknown): Scheme {
  const expected = 'a path, a pattern such as "data/*.txt", or a URL with file:, https: or s3:';
  if (typeof url !== "string" || url === "") throw badArgument("source", expected, url);
  const scheme = urlScheme(url);
  if (scheme === "https" || scheme === "http") return "https";
  if (scheme === "s3") return "s3";
  if (scheme === undefined || scheme === "file") return "file";
  throw badArgument("source", expected, url);
}
