import { Buffer } from "node:buffer";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { protocolVersion } from "../backend/task.ts";
import { LambdaskError } from "../base/errors.ts";

/** Bytes of a payload's JSON, either way: Lambda's own limit for synchronous calls. */
export const payloadTextMax: number = 6 * 2 ** 20;

/** Messages whose text surely stays within `payloadTextMax`: base64 takes 4 characters for 3 bytes. */
export const messageBytesMax: number = (payloadTextMax / 4) * 3 - 1024;

/** Shorter messages are not compressed. */
const compressedFromBytes = 2048;
/** Compression must save this share, or the other side's work does not pay. */
const savedShareMin = 0.1;
/** A message that says it is larger than this when unpacked is none of ours. */
const unpackedBytesMax = 256 * 2 ** 20;

const form = /^lambdask\/(\d{1,9})\/([rz])\//;

/** A message, or the version of a side that writes them otherwise. */
export type Payload =
  | { readonly kind: "message"; readonly bytes: Uint8Array }
  | { readonly kind: "other-protocol"; readonly protocol: number };

/**
 * A message as a Lambda payload carries it, which must be JSON: one string with the protocol's version in front, so
 * that sides of different versions can at least tell each other so. Needs no escapes in JSON.
 */
export function encodePayload(message: Uint8Array, protocol: number = protocolVersion): string {
  const packed = message.byteLength < compressedFromBytes ? undefined : compressed(message);
  const encoding = packed === undefined ? "r" : "z";
  return `lambdask/${protocol}/${encoding}/${base64(packed ?? message)}`;
}

/** The message in a payload; a MISMATCH error if it is none that any version writes. */
export function decodePayload(payload: unknown): Payload {
  const found = typeof payload === "string" ? form.exec(payload) : null;
  if (typeof payload !== "string" || found === null) {
    throw new LambdaskError("MISMATCH", {
      message: "a payload of the worker function is no message of lambdask",
      fix: "call the worker through the library, and deploy the stack with the same version of it",
    });
  }
  const [head, protocol, encoding] = found;
  if (Number(protocol) !== protocolVersion) {
    return { kind: "other-protocol", protocol: Number(protocol) };
  }
  const bytes = Buffer.from(payload.slice(head.length), "base64");
  return { kind: "message", bytes: encoding === "z" ? decompressed(bytes) : bytes };
}

function compressed(message: Uint8Array): Uint8Array | undefined {
  const packed = zstdCompressSync(message);
  return packed.byteLength <= message.byteLength * (1 - savedShareMin) ? packed : undefined;
}

function decompressed(bytes: Uint8Array): Uint8Array {
  return zstdDecompressSync(bytes, { maxOutputLength: unpackedBytesMax });
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
