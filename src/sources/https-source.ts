import type { ByteSource, SourceFile } from "../backend/byte-source.ts";
import type { Clock } from "../backend/clock.ts";
import { isLambdaskError, LambdaskError } from "../base/errors.ts";
import { Pacer } from "./pacer.ts";
import { changedError, sourceError } from "./source-error.ts";
import { waitingClock } from "./waiting-clock.ts";
import { type AskWeb, askWeb, letGo, type WebAnswer, type WebQuestion } from "./web-request.ts";

/** Requests to all web servers at once, until their answers begin. */
const requestsMax = 16;

const cut = "the server has cut its answer";

const packings: Readonly<Record<string, "gzip" | "zstd">> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  zstd: "zstd",
};

/** Files on web servers, in parts where a server gives them out; read only. */
export class HttpsSource implements ByteSource {
  readonly #askWeb: AskWeb;
  readonly #pacer: Pacer;

  constructor(ask: AskWeb = askWeb, clock: Clock = waitingClock) {
    this.#askWeb = ask;
    this.#pacer = new Pacer({
      clock,
      random: Math.random,
      // An answer that counts has a code. How long a stranger's server may refuse is for the user to say: by `retries`.
      troubleOf: (error) => (isLambdaskError(error) ? "final" : "passing"),
      callsMax: requestsMax,
    });
  }

  /** Asks for one byte: what comes tells more than HEAD, which many servers refuse or answer without a length. */
  async expand(url: string): Promise<readonly SourceFile[]> {
    let answer = await this.#ask(url, { headers: { range: "bytes=0-0" } });
    letGo(answer);
    // An empty file has no first byte.
    if (answer.status === 416) {
      answer = await this.#ask(url, {});
      letGo(answer);
    }
    const [, total] = /\/(\d+)$/.exec(answer.headers["content-range"] ?? "") ?? [];
    const bytes = answer.status === 206 && total !== undefined ? Number(total) : Infinity;
    const packing = packingOf(url, answer);
    const packed = packing === undefined ? {} : { packing };
    return [{ url, bytes, version: versionOf(answer, bytes), ...packed }];
  }

  async *read(
    file: SourceFile,
    range: { readonly start: number; readonly end: number },
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const { url, bytes } = file;
    const end = Math.min(range.end, bytes);
    if (end <= range.start) return;
    const part = bytes < Infinity ? `${range.start}-${end - 1}` : undefined;
    const headers = part === undefined ? {} : { range: `bytes=${part}` };
    const answer = await this.#ask(url, { headers, signal });
    try {
      if (answer.status === 416 || versionOf(answer, bytes) !== file.version) {
        throw changedError(url);
      }
      const isPart = answer.status === 206;
      const sent = isPart ? (answer.headers["content-range"] ?? "a part of it") : undefined;
      if (sent !== undefined && sent !== `bytes ${part}/${bytes}`) throw otherPart(url, sent, part);
      // A server may send the whole in any case.
      const wanted = { start: isPart ? 0 : range.start, end: isPart ? end - range.start : end };
      let missing = end - range.start;
      for await (const piece of within(wanted, answer.body, isPart)) {
        missing -= piece.length;
        yield piece;
      }
      // Worth another try: not an error with a code.
      if (missing > 0 && bytes < Infinity) throw new Error(`${cut}, ${missing} bytes are missing`);
    } catch (error) {
      signal?.throwIfAborted();
      // Of Node's own word, "aborted", nobody could tell by whom.
      const isCut = error instanceof Error && error.message === "aborted";
      throw isCut ? new Error(cut, { cause: error }) : error;
    } finally {
      answer.body.destroy();
    }
  }

  async write(url: string): Promise<void> {
    throw readOnly(url);
  }

  async remove(url: string): Promise<void> {
    throw readOnly(url);
  }

  /** A few tries, since one refusal must not end the work of hours. */
  async #ask(url: string, question: WebQuestion): Promise<WebAnswer> {
    return await this.#pacer.run(() => this.#once(url, question), question.signal);
  }

  async #once(url: string, question: WebQuestion): Promise<WebAnswer> {
    const answer = await this.#askWeb(url, question);
    const { status, reason } = answer;
    if ((status >= 200 && status < 300) || status === 416) return answer;
    letGo(answer);
    // Too many requests, or the server's own trouble: worth another try.
    if (status === 429 || status >= 500) throw new Error(`${url}: the server answered ${status}`);
    throw sourceError(url, {
      what: `the server answered ${status} ${reason}`.trimEnd(),
      fix: "check the address, and that it needs no sign-in",
    });
  }
}

/** The bytes `[start, end)` of a body. One that holds no more is read to its end, so that its connection stays. */
async function* within(
  { start, end }: { readonly start: number; readonly end: number },
  body: AsyncIterable<Uint8Array>,
  toItsEnd: boolean,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const piece of body) {
    const first = Math.max(0, start - at);
    const last = Math.min(piece.length, end - at);
    at += piece.length;
    if (first < last) yield new Uint8Array(piece.buffer, piece.byteOffset + first, last - first);
    if (at >= end && !toItsEnd) return;
  }
}

/** What is packed on its way only: such a file may have any name. */
function packingOf(url: string, { headers }: WebAnswer): "gzip" | "zstd" | undefined {
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "";
  if (encoding === "" || encoding === "identity") return undefined;
  const packing = packings[encoding];
  if (packing !== undefined) return packing;
  throw sourceError(url, {
    what: `the server sends it packed, by ${encoding}, though it is asked not to`,
    fix: "download the file, unpack it and read it from disk",
  });
}

/** A strong ETag if there is one, else what else would change with the file; and how it is packed on its way. */
function versionOf({ headers }: WebAnswer, bytes: number): string {
  const { etag, "last-modified": modified = "", "content-encoding": encoding } = headers;
  const total = headers["content-range"]?.split("/")[1] ?? headers["content-length"];
  const version = etag ?? (bytes < Infinity ? `${modified} ${total}` : modified);
  return encoding === undefined ? version : `${version} ${encoding}`;
}

function otherPart(url: string, sent: string, part: string | undefined): LambdaskError {
  return sourceError(url, {
    what: `the server was asked for ${part === undefined ? "all of it" : `bytes ${part}`}, and says it sent ${sent}`,
    fix: "download the file and read it from disk",
  });
}

function readOnly(url: string): LambdaskError {
  return new LambdaskError("BAD_ARGUMENT", {
    message: `${url}: files on web servers can only be read`,
    fix: "write to a path of this machine",
  });
}
