import { Buffer } from "node:buffer";

/**
 * A value that MessagePack has no form for, on its way through the packer: a code and what is needed to build the
 * value again. Everything that needs one goes through this single extension, so that extensions which user code
 * registers with its own copy of the packer (they are global there) cannot change what we write.
 */
export class Special {
  readonly payload: readonly unknown[];

  constructor(payload: readonly unknown[]) {
    this.payload = payload;
  }
}

/** What a `Special` stands for. Numbers are part of the stored format: never reuse one. */
export const specialCode = {
  negativeZero: 0,
  text: 1,
  record: 2,
  bareRecord: 3,
  map: 4,
  set: 5,
  date: 6,
  pattern: 7,
  bytes: 8,
  error: 9,
  /** A value in pieces, the innermost first. */
  deep: 10,
  piece: 11,
  /** Where a piece lies in a later one, by its number. */
  hole: 12,
} as const;

/** Views and buffers, by their number in the stored format. */
const byteKinds = [
  "ArrayBuffer",
  "DataView",
  "Buffer",
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float16Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
] as const;

const viewMakers: readonly (new (buffer: ArrayBuffer) => ArrayBufferView)[] = [
  DataView,
  Uint8Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  // An older Node has none, and shall get as far as the message that it is too old.
  globalThis.Float16Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];

/** A view or buffer: what it is, by number, and its bytes. */
export interface KnownBytes {
  readonly kind: number;
  readonly bytes: Buffer;
}

/** What a view or buffer is, or `undefined` if it is of no kind we know (a subclass). */
export function knownBytes(value: ArrayBufferView | ArrayBuffer): KnownBytes | undefined {
  const kind = byteKinds.indexOf(value.constructor.name as (typeof byteKinds)[number]);
  if (kind < 0) return undefined;
  const bytes = ArrayBuffer.isView(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : Buffer.from(value);
  return { kind, bytes };
}

/** A view or buffer as a special. */
export function specialOfBytes({ kind, bytes }: KnownBytes): Special {
  return new Special([specialCode.bytes, kind, bytes]);
}

function bytesOfSpecial(kind: unknown, bytes: unknown): unknown {
  if (!(bytes instanceof Uint8Array) || typeof kind !== "number") throw malformed("bytes");
  // A copy: the decoded value may be changed by its owner, and a typed array must start aligned.
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return valueOfBytes(kind, copy.buffer);
}

/** The view or buffer of this kind that all of `buffer` is; it is not copied. */
export function valueOfBytes(kind: number, buffer: ArrayBuffer): unknown {
  if (kind === 0) return buffer;
  if (kind === 2) return Buffer.from(buffer);
  const View = viewMakers[kind - 1];
  if (View === undefined) throw malformed("bytes");
  return new View(buffer);
}

/** Built-in error classes that are built again as themselves; others become an Error that keeps its name. */
const errorClasses: ReadonlyMap<string, ErrorConstructor> = new Map(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((Class) => [
    Class.name,
    Class,
  ]),
);

/** The built-in class that `error` is, or descends from. */
function errorClassName(error: Error): string {
  if (error instanceof AggregateError) return "AggregateError";
  for (const [name, Class] of errorClasses) {
    if (name !== "Error" && error instanceof Class) return name;
  }
  return "Error";
}

/** An error as plain parts, in the order that `errorOfParts` takes them. */
export function partsOfError(error: Error): unknown[] {
  const fields: Record<string, unknown> = {};
  for (const key of Object.keys(error)) {
    if (key === "name" || key === "message" || key === "stack") continue;
    Object.defineProperty(fields, key, {
      value: (error as unknown as Record<string, unknown>)[key],
      enumerable: true,
    });
  }
  const has = (key: string): boolean => Object.hasOwn(error, key) && !Object.hasOwn(fields, key);
  return [
    errorClassName(error),
    String(error.name),
    String(error.message),
    String(error.stack ?? ""),
    fields,
    has("cause") ? [error.cause] : [],
    error instanceof AggregateError ? error.errors : null,
  ];
}

function errorOfParts(parts: readonly unknown[]): Error {
  const [className, name, message, stack, fields, cause, errors] = parts;
  if (typeof fields !== "object" || fields === null) throw malformed("an error");
  const text = String(message);
  const error = Array.isArray(errors)
    ? new AggregateError(errors, text)
    : new (errorClasses.get(String(className)) ?? Error)(text);
  hide(error, "stack", stack);
  if (error.name !== name) hide(error, "name", name);
  if (Array.isArray(cause) && cause.length > 0) hide(error, "cause", cause[0]);
  for (const key of Object.keys(fields)) setOwn(error, key, Reflect.get(fields, key));
  return error;
}

function hide(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    configurable: true,
    writable: true,
    enumerable: false,
  });
}

/** Sets an own field even where plain assignment would reach a setter or the prototype (`__proto__`). */
function setOwn(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    configurable: true,
    writable: true,
    enumerable: true,
  });
}

function recordOfEntries(target: object, payload: readonly unknown[]): object {
  for (let i = 1; i < payload.length; i += 2) setOwn(target, String(payload[i]), payload[i + 1]);
  return target;
}

/** Of the deep value that is being read: nothing else is read meanwhile. */
const pieces: unknown[] = [];

/** Lets go of what is left of a deep value that could not be read to its end. */
export function forgetPieces(): void {
  pieces.length = 0;
}

function pieceAt(number: number): unknown {
  if (number in pieces) return pieces[number];
  throw malformed("a deep value");
}

/** The value that a special's payload stands for. Throws on a payload that no encoder writes. */
export function valueOfSpecial(payload: unknown): unknown {
  if (!Array.isArray(payload)) throw malformed("a special value");
  const items: readonly unknown[] = payload;
  switch (items[0]) {
    case specialCode.negativeZero:
      return -0;
    case specialCode.text:
      return textOfUnits(items[1]);
    case specialCode.record:
      return recordOfEntries({}, items);
    case specialCode.bareRecord:
      return recordOfEntries(Object.create(null), items);
    case specialCode.map:
      return mapOfEntries(items);
    case specialCode.set:
      return new Set(items.slice(1));
    case specialCode.date:
      return new Date(Number(items[1]));
    case specialCode.pattern:
      return patternOf(items);
    case specialCode.bytes:
      return bytesOfSpecial(items[1], items[2]);
    case specialCode.error:
      return errorOfParts(items.slice(1));
    case specialCode.deep:
      return pieces.splice(0).pop();
    case specialCode.piece:
      pieces.push(items[1]);
      return undefined;
    case specialCode.hole:
      return pieceAt(Number(items[1]));
    default:
      throw malformed("a special value of an unknown kind");
  }
}

function textOfUnits(units: unknown): string {
  if (!(units instanceof Uint8Array)) throw malformed("text");
  return Buffer.from(units).toString("utf16le");
}

function mapOfEntries(payload: readonly unknown[]): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  for (let i = 1; i < payload.length; i += 2) map.set(payload[i], payload[i + 1]);
  return map;
}

function patternOf([, source, flags, lastIndex]: readonly unknown[]): RegExp {
  const pattern = new RegExp(String(source), String(flags));
  pattern.lastIndex = Number(lastIndex);
  return pattern;
}

function malformed(what: string): TypeError {
  return new TypeError(`${what} is malformed`);
}
