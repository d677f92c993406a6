import { pipeline, Readable, type Transform } from "node:stream";
// Not by name: an older Node has no zstd, and shall get as far as the message that it is too old.
import zlib from "node:zlib";
import { systemCode } from "../base/system-code.ts";
import { cutAtFrames } from "./zstd-frames.ts";

/** How a file's bytes are packed. */
export type Packing = "none" | "gzip" | "zstd";

/** How a file of this name is packed. */
export function packingOfName(url: string): Packing {
  // On the web what is asked comes behind the name.
  const name = /^https?:/i.test(url) ? url.replace(/[?#].*$/s, "") : url;
  if (name.endsWith(".gz")) return "gzip";
  return name.endsWith(".zst") ? "zstd" : "none";
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
  if (packing === "gzip") return through(pieces, zlib.createGunzip());
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
