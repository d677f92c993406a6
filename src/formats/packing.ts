import { pipeline, Readable, type Transform } from "node:stream";
// Not by name: an older Node has no zstd, and shall get as far as the message that it is too old.
import zlib from "node:zlib";
import { LambdaskError } from "../base/errors.ts";
import { systemCode } from "../base/system-code.ts";
import { gunzipped } from "./gzip-members.ts";
import { cutAtFrames } from "./zstd-frames.ts";

/** How a file's bytes are packed. */
export type Packing = "none" | "gzip" | "zstd";

/** Names of files that would be read or written as text, and are none. */
const otherPackings = /\.(7z|br|bz2|lz4|lzma|rar|sz|tar|tbz2|tgz|txz|xz|z|zip)$/i;

/** How a file of this name is packed; a BAD_ARGUMENT error for one that is packed in a way that is not known here. */
export function packingOfName(url: string): Packing {
  // On the web what is asked comes behind the name.
  const name = /^https?:/i.test(url) ? url.replace(/[?#].*$/s, "") : url;
  if (/\.tar\.(gz|zst)$/i.test(name) || otherPackings.test(name)) throw packedOtherwise(url);
  if (/\.gz$/i.test(name)) return "gzip";
  return /\.zst$/i.test(name) ? "zstd" : "none";
}

function packedOtherwise(url: string): LambdaskError {
  return new LambdaskError("BAD_ARGUMENT", {
    message: `by its name ${url} is packed in a way that is neither read nor written, or an archive`,
    fix: 'use single files packed as .gz or .zst; if the name misleads, say compression when it is read: "none", "gzip" or "zstd"',
    data: { url },
  });
}

/** True for what `unpacked` says of bytes that are not packed so, or not all of it. */
export function isPackingProblem(error: unknown): error is Error {
  return error instanceof Error && /^(Z_|ZSTD_)/.test(systemCode(error));
}

/** The bytes that `pieces` hold; members or frames one after another count as one file. */
export function unpacked(
  pieces: AsyncIterable<Uint8Array>,
  packing: Packing,
): AsyncIterable<Uint8Array> {
  if (packing === "gzip") return gunzipped(pieces);
  if (packing === "zstd") return through(cutAtFrames(pieces), zlib.createZstdDecompress());
  return pieces;
}

/** `pieces`, packed. */
export function packed(
  pieces: AsyncIterable<Uint8Array>,
  packing: Packing,
): AsyncIterable<Uint8Array> {
  if (packing === "gzip") return through(pieces, zlib.createGzip());
  return packing === "zstd" ? through(pieces, zlib.createZstdCompress()) : pieces;
}

function through(
  pieces: AsyncIterable<Uint8Array>,
  transform: Transform,
): AsyncIterable<Uint8Array> {
  // An error on either side destroys the transform, and reading it reports the error.
  return pipeline(Readable.from(pieces, { objectMode: false }), transform, () => {});
}
