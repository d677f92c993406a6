import { pipeline, Readable } from "node:stream";
import { createGunzip, createGzip, type Gunzip, type Gzip } from "node:zlib";

/** True if a file of this name holds gzip. */
export function isGzipName(name: string): boolean {
  return name.endsWith(".gz");
}

/** True for what `gunzip` says of bytes that are no gzip, or not all of it. */
export function isGzipProblem(error: unknown): error is Error {
  return error instanceof Error && "code" in error && /^Z_/.test(String(error.code));
}

/** The bytes that gzip `pieces` hold; members one after another count as one file. */
export function gunzip(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return through(pieces, createGunzip());
}

/** `pieces` as gzip. */
export function gzip(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return through(pieces, createGzip());
}

function through(
  pieces: AsyncIterable<Uint8Array>,
  transform: Gunzip | Gzip,
): AsyncIterable<Uint8Array> {
  // An error on either side destroys the transform, and reading it reports the error.
  return pipeline(Readable.from(pieces, { objectMode: false }), transform, () => {});
}
