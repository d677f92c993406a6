import { Buffer } from "node:buffer";

/**
 * Gives the memory of `bytes` back at once, which nobody reads any more. A collection would do it, but late: small
 * objects that hold large buffers do not look urgent, and while the machine is busy ever more of them wait. Only an
 * array that has a buffer to itself gives it back; a `Buffer` may share its memory, and its `slice` is no copy.
 */
export function releaseBytes(bytes: Uint8Array): void {
  const { buffer, byteLength } = bytes;
  const isOwn = buffer instanceof ArrayBuffer && byteLength === buffer.byteLength;
  if (isOwn && !Buffer.isBuffer(bytes)) buffer.transfer(0);
}
