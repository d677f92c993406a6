import { Buffer } from "node:buffer";
import type * as MessagePack from "msgpackr";
import * as messagePack from "msgpackr/pack";
import { LambdaskError } from "../base/errors.ts";
import { deepToPackable } from "./deep-value.ts";
import { refusalReason } from "./refusal-reason.ts";
import {
  forgetPieces,
  type KnownBytes,
  knownBytes,
  Special,
  specialOfBytes,
  valueOfSpecial,
} from "./special.ts";
import { type Findings, refusal, tooMany, toPackable } from "./to-packable.ts";

// This entry leaves out the streams and the native part, which double the time to load; its own type declarations
// do not resolve, but it has these exports of the whole package.
const { addExtension, Packr, Unpackr } = messagePack as typeof MessagePack;

/** The one extension type that everything beyond MessagePack goes through. */
const extensionType = 0x4c;

addExtension({
  Class: Special,
  type: extensionType,
  write: (special: Special) => special.payload,
  read: valueOfSpecial,
});

/**
 * Reading a shared record shape compiles a function for it, which pays from about this many records on; below,
 * every record carries its field names.
 */
const shapedRecordsMin = 64;
let shaped = false;

const packer = new Packr({
  useRecords: () => shaped,
  mapsAsObjects: true,
  variableMapSize: true,
  moreTypes: true,
  useToJSON: false,
});
const unpacker = new Unpackr({ mapsAsObjects: true, useRecords: true });

/** What holds so many items is worth remembering, in case that it is met again. */
const rememberedMin = 64;

/** The packer writes into a buffer that it keeps: one this large pins no small result, and is not held for long. */
const smallBufferBytes = 64 * 1024;
const largeBufferBytes = 4 * 2 ** 20;
const newBufferBytes = 8192;

/** Bytes of one encoded value: the packer's own limit is a little above. */
const encodedBytesMax = 2 ** 32 - 2 ** 20;

/**
 * `value` as bytes, with its types: undefined, -0, NaN, bigint, Date, RegExp, Map, Set, typed arrays, ArrayBuffer,
 * DataView, Buffer, Error (as its nearest built-in class, with name, message, stack, cause and own fields), records
 * with and without prototype, lone surrogates. What differs after decoding: holes of arrays become undefined, fields
 * named by symbols and extra fields of arrays are left out, an object met twice becomes two. Cycles, functions,
 * symbols and instances of other classes are refused with NOT_DATA; the message starts with `where`. Values may be nested
 * as deep as memory allows.
 */
export function encodeValue(value: unknown, where = "value"): Uint8Array {
  const findings: Findings = { records: 0, items: 0, rememberedMin, large: undefined, tooDeep };
  let packable: unknown;
  try {
    packable = toPackable(value, 0, findings);
  } catch (error) {
    if (error === deepness) packable = deepPackable(value as object, where, findings);
    else throw ours(error, value, where);
  }
  shaped = findings.records >= shapedRecordsMin;
  let bytes: Buffer;
  try {
    bytes = packer.pack(packable);
  } catch (error) {
    // It has grown its buffer to gibibytes.
    packer.useBuffer(Buffer.allocUnsafeSlow(newBufferBytes));
    throw packError(error, where);
  }
  if (bytes.length > encodedBytesMax) throw tooLarge(where);
  return leaveBuffer(bytes);
}

/** Thrown for a value that must be written in pieces. */
const deepness: unique symbol = Symbol("too deep for one piece");

function tooDeep(): never {
  throw deepness;
}

function deepPackable(value: object, where: string, findings: Findings): unknown {
  try {
    const packable = deepToPackable(value, findings);
    if (packable) return packable;
  } catch (error) {
    throw ours(error, value, where);
  }
  throw tooOften(where);
}

/** What a walk was ended by, as users see it. */
function ours(thrown: unknown, value: unknown, where: string): unknown {
  if (thrown === tooMany) return tooOften(where);
  return thrown === refusal ? notData(value, where) : thrown;
}

/** Views and buffers of so many bytes are worth not being copied. */
export const largeViewBytes: number = 2 ** 20;

/** What `value` is, if it is a large view or buffer. */
export function largeView(value: unknown): KnownBytes | undefined {
  const isBytes = ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
  return isBytes && value.byteLength >= largeViewBytes ? knownBytes(value) : undefined;
}

/** A view of the least size whose length takes four bytes to write. */
const sampleBytes = 2 ** 16;

/** What `encodeValue` writes before the bytes of a large view. */
export function startOfView(kind: number, length: number): Uint8Array {
  if (length > encodedBytesMax) throw tooLarge("a view");
  const sample = packer.pack(specialOfBytes({ kind, bytes: Buffer.alloc(sampleBytes) }));
  const start = Buffer.from(sample.subarray(0, -sampleBytes));
  // The same for every length, but for the last four bytes, which are the length.
  start.writeUInt32BE(length, start.length - 4);
  return start;
}

/** What the packer says of more bytes than it can put together. */
const packerIsFull = "Packed buffer would be larger than maximum buffer size";

/** What the packer threw, in our words where they are better. */
function packError(error: unknown, where: string): unknown {
  return error instanceof Error && error.message === packerIsFull ? tooLarge(where) : error;
}

function tooLarge(where: string): LambdaskError {
  return new LambdaskError("LIMIT", {
    message: `${where}: it takes more than 4 GiB to write, and one value may take no more`,
    fix: "split it: several tasks or a bag with smaller records, or a file whose name is the result",
    data: { where },
  });
}

/** Of more items than memory has room for. */
function tooOften(where: string): LambdaskError {
  return new LambdaskError("LIMIT", {
    message: `${where}: it takes more than 4 GiB to write, since a part that lies in several places is written at each`,
    fix: "pass or return such a part once, and put it together in the function that needs it so",
    data: { where },
  });
}

/** Takes what was packed out of the packer's buffer, or the buffer from the packer, where keeping both would cost. */
function leaveBuffer(bytes: Buffer): Uint8Array {
  const bufferBytes = bytes.buffer.byteLength;
  if (bufferBytes <= smallBufferBytes) return bytes;
  const isSmallInside = bytes.length * 8 < bufferBytes;
  if (!isSmallInside && bufferBytes <= largeBufferBytes) return bytes;
  packer.useBuffer(Buffer.allocUnsafeSlow(newBufferBytes));
  return isSmallInside ? Buffer.from(bytes) : bytes;
}

function notData(value: unknown, where: string): LambdaskError {
  return new LambdaskError("NOT_DATA", {
    message: `not plain data: ${refusalReason(value, where)}`,
    fix: "return and pass plain data (records, arrays, Maps, Sets, dates, typed arrays), and build handles inside the function that uses them",
    data: { where },
  });
}

/** The value that `encodeValue` wrote as `bytes`; a CORRUPT_CHUNK error if they are nothing it writes. */
export function decodeValue(bytes: Uint8Array): unknown {
  if (bytes.length > encodedBytesMax) {
    throw new LambdaskError("LIMIT", {
      message: `an encoded value has ${bytes.length} bytes, more than ${encodedBytesMax}`,
    });
  }
  try {
    return unpacker.unpack(
      Buffer.isBuffer(bytes)
        ? bytes
        : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    );
  } catch (cause) {
    forgetPieces();
    // Damaged or hostile bytes end here: lengths beyond the input, nesting beyond the stack, unknown forms.
    throw new LambdaskError("CORRUPT_CHUNK", {
      message: `not an encoded value (${bytes.length} bytes): ${cause instanceof Error ? cause.message.slice(0, 200) : "unreadable"}`,
      cause,
    });
  }
}
