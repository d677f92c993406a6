import type { ByteSource, SourceFile } from "../backend/byte-source.ts";
import type { Clock } from "../backend/clock.ts";
import { isLambdaskError, LambdaskError } from "../base/errors.ts";
import { Pacer } from "./pacer.ts";
import { changedError, sourceError } from "./source-error.ts";
import { waitingClock } from "./waiting-clock.ts";

/** The part of `fetch` that is used here. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Requests to all web servers at once, until their answers begin. */
const requestsMax = 16;

/** Ranges and lengths are those of the file itself only if it is sent as it is. */
const uncompressed = { "accept-encoding": "identity" };

/** Files on web servers that answer range requests; read only. */
export class HttpsSource implements ByteSource {
  readonly #fetch: Fetch;
  readonly #pacer: Pacer;

  constructor(fetch: Fetch = globalThis.fetch, clock: Clock = waitingClock) {
    this.#fetch = fetch;
    this.#pacer = new Pacer({
      clock,
      random: Math.random,
      // An answer that counts has a code. How long a stranger's server may refuse is for the user to say: by `retries`.
      troubleOf: (error) => (isLambdaskError(error) ? "final" : "passing"),
      callsMax: requestsMax,
    });
  }

  async expand(url: string): Promise<readonly SourceFile[]> {
    const response = await this.#ask(url, { method: "HEAD", headers: uncompressed });
    const length = response.headers.get("content-length");
    if (length === null || !/^[0-9]+$/.test(length)) {
      throw sourceError(url, {
        what: "the server does not say how many bytes it has",
        fix: "download the file and read it from disk",
      });
    }
    if (response.headers.get("accept-ranges") !== "bytes") {
      throw sourceError(url, {
        what: "the server does not give out parts of files (no Accept-Ranges: bytes)",
        fix: "download the file and read it from disk",
      });
    }
    return [{ url, bytes: Number(length), version: versionOf(response) }];
  }

  async *read(
    file: SourceFile,
    range: { readonly start: number; readonly end: number },
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const end = Math.min(range.end, file.bytes);
    if (end <= range.start) return;
    const headers = { range: `bytes=${range.start}-${end - 1}`, ...uncompressed };
    const response = await this.#ask(file.url, {
      headers,
      ...(signal === undefined ? {} : { signal }),
    });
    if (response.status !== 206 || versionOf(response) !== file.version) {
      await response.body?.cancel();
      throw changedError(file.url);
    }
    let left = end - range.start;
    for await (const piece of response.body ?? []) {
      left -= piece.byteLength;
      yield piece;
    }
    // Worth another try: not an error with a code.
    if (left !== 0) throw new Error(`${file.url}: the answer was cut, ${left} bytes are missing`);
  }

  async write(url: string): Promise<void> {
    throw readOnly(url);
  }

  async remove(url: string): Promise<void> {
    throw readOnly(url);
  }

  /** A few tries, since one refusal must not end the work of hours. */
  async #ask(url: string, init: RequestInit): Promise<Response> {
    return await this.#pacer.run(() => this.#once(url, init), init.signal ?? undefined);
  }

  async #once(url: string, init: RequestInit): Promise<Response> {
    const response = await this.#fetch(url, init);
    if (response.ok) return response;
    await response.body?.cancel();
    // Too many requests, or the server's own trouble: worth another try.
    if (response.status === 429 || response.status >= 500) {
      throw new Error(`${url}: the server answered ${response.status}`);
    }
    if (response.status === 416) throw changedError(url);
    throw sourceError(url, {
      what: `the server answered ${response.status} ${response.statusText}`.trimEnd(),
      fix: "check the address, and that it needs no sign-in",
    });
  }
}

function readOnly(url: string): LambdaskError {
  return new LambdaskError("BAD_ARGUMENT", {
    message: `${url}: files on web servers can only be read`,
    fix: "write to a path of this machine",
  });
}

/** A strong ETag if there is one, else what else would change with the file. */
function versionOf(response: Response): string {
  const tag = response.headers.get("etag");
  if (tag !== null) return tag;
  const modified = response.headers.get("last-modified") ?? "";
  const range = response.headers.get("content-range");
  const bytes = range === null ? response.headers.get("content-length") : range.split("/")[1];
  return `${modified} ${bytes}`;
}
