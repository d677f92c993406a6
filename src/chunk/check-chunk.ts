import { crc32 } from "node:zlib";
import { unreachable } from "../base/assert.ts";
import { isLambdaskError } from "../base/errors.ts";
import { checkFrame, framesOf } from "./batch-frames.ts";
import {
  type Corrupt,
  checkWhole,
  chunkKind,
  corruptChunk,
  decodeFooter,
  headBytes,
  type ReadFooter,
} from "./chunk-layout.ts";
import { piecesOf } from "./encode-parts.ts";

/** The footer of a whole chunk; `checksum`, where known, tells it from any other. */
export function wholeFooter(
  bytes: Uint8Array,
  checksum: number | undefined,
  corrupt: Corrupt,
): ReadFooter {
  const footer = decodeFooter(bytes, corrupt);
  checkWhole(bytes, footer, corrupt);
  if (checksum !== undefined && checksum !== footer.checksum) {
    throw corrupt("it is another chunk than the one that was written");
  }
  return footer;
}

/** True if the bytes are a whole chunk, as it was written. */
export function isSound(bytes: Uint8Array): boolean {
  try {
    check(bytes, wholeFooter(bytes, undefined, corruptChunk), corruptChunk);
    return true;
  } catch (error) {
    if (isLambdaskError(error, "CORRUPT_CHUNK")) return false;
    throw error;
  }
}

/** The bytes between header and footer. */
export function bodyOf(bytes: Uint8Array, { kind, bodyBytes }: ReadFooter): Uint8Array {
  return bytes.subarray(headBytes(kind), headBytes(kind) + bodyBytes);
}

/** The body of a value or a block, if it is what was written. */
export function checkedBody(body: Uint8Array, footer: ReadFooter, corrupt: Corrupt): Uint8Array {
  if (crc32(body) !== footer.bodyChecksum) {
    throw corrupt("the checksum of its body does not match");
  }
  return body;
}

/** The pieces of an exchange object, not decoded, each if it is what was written; `undefined` for those without bytes. */
export function* checkedPieces(
  bytes: Uint8Array,
  { detail }: ReadFooter,
  corrupt: Corrupt,
): Generator<Uint8Array | undefined> {
  for (const { offset, length, checksum } of piecesOf(detail, corrupt)) {
    const piece = bytes.subarray(offset, offset + length);
    if (length > 0) check(piece, wholeFooter(piece, checksum, corrupt), corrupt);
    yield length > 0 ? piece : undefined;
  }
}

/** Refuses a chunk whose body is not what was written, without decoding it. */
function check(bytes: Uint8Array, footer: ReadFooter, corrupt: Corrupt): void {
  const body = bodyOf(bytes, footer);
  switch (footer.kind) {
    case chunkKind.value:
    case chunkKind.block:
      checkedBody(body, footer, corrupt);
      return;
    case chunkKind.batches:
      for (const frame of framesOf(footer.detail, corrupt)) {
        checkFrame(body.subarray(frame.offset, frame.offset + frame.bytes), frame, corrupt);
      }
      return;
    case chunkKind.parts:
    case chunkKind.innerParts:
      for (const _ of checkedPieces(bytes, footer, corrupt));
      return;
    default:
      unreachable(footer.kind);
  }
}
