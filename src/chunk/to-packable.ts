import { classNameOf } from "../base/class-name.ts";
import { knownBytes, partsOfError, Special, specialCode, specialOfBytes } from "./special.ts";

/** A value that is nested deeper is written in pieces of so many levels: the packer packs by recursion. */
export const pieceLevels = 500;

/** Records with more fields than this are written as entries: they are dictionaries, not a shape to share. */
const sharedFieldsMax = 64;

/** Each takes a byte or more, so that more of them could not be written. */
const itemsMax = 2 ** 32;

/** What a walk found on its way. */
export interface Findings {
  /** Records seen: many of them are worth sharing their field names. */
  records: number;
  /** Items seen. What is met twice is written twice, and counts twice. */
  items: number;
  /** What holds so many items is remembered: met again it costs nothing, and what holds fewer costs no more than this. */
  readonly rememberedMin: number;
  /** What is remembered, with what became of it. */
  large: Map<object, Walked> | undefined;
  /** Takes what lies too deep for one piece, and gives what is written in its place. */
  tooDeep(value: object): unknown;
}

interface Walked {
  readonly packable: unknown;
  readonly records: number;
  readonly items: number;
  /** Further down than here some of it might be too deep. */
  readonly depth: number;
}

/** Findings of a walk that goes through everything wherever it meets it. */
export function unremembered(tooDeep: Findings["tooDeep"]): Findings {
  return {
    records: 0,
    items: 0,
    rememberedMin: Number.POSITIVE_INFINITY,
    large: undefined,
    tooDeep,
  };
}

/** Thrown for a value that is not data; the caller finds out where and says so. */
export const refusal: unique symbol = Symbol("not data");

/** Thrown for parts that lie in so many places that they could not be written at each. */
export const tooMany: unique symbol = Symbol("too many items");

/**
 * `value` in a form that the packer keeps faithfully: itself where it is plain, or a copy in which what MessagePack
 * would lose is replaced by specials. Throws `refusal` for what is not data. The walk is part of every encoding, so
 * it allocates next to nothing for plain values; and it takes no longer than there are items in different objects, however
 * often these are met.
 */
export function toPackable(value: unknown, depth: number, findings: Findings): unknown {
  switch (typeof value) {
    case "string":
      return isPlainText(value) ? value : specialOfText(value);
    case "number":
      return value === 0 && 1 / value < 0 ? new Special([specialCode.negativeZero]) : value;
    case "boolean":
    case "undefined":
    case "bigint":
      return value;
    case "object":
      if (value === null) return value;
      if (depth > pieceLevels) return findings.tooDeep(value);
      return onceToPackable(value, depth + 1, findings);
    case "function":
    case "symbol":
      throw refusal;
  }
}

function onceToPackable(value: object, depth: number, findings: Findings): unknown {
  const known = findings.large?.get(value);
  if (known !== undefined && known.depth >= depth) {
    findings.records += known.records;
    findings.items += known.items;
    if (findings.items > itemsMax) throw tooMany;
    return known.packable;
  }
  const { records, items } = findings;
  const packable = objectToPackable(value, depth, findings);
  if (findings.items - items >= findings.rememberedMin) {
    findings.large ??= new Map();
    findings.large.set(value, {
      packable,
      records: findings.records - records,
      items: findings.items - items,
      depth,
    });
  }
  return packable;
}

function objectToPackable(value: object, depth: number, findings: Findings): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return recordToPackable(value, depth, findings);
  if (prototype === Array.prototype) {
    return arrayToPackable(value as readonly unknown[], depth, findings);
  }
  if (prototype === null) {
    return entriesToPackable([specialCode.bareRecord], Object.entries(value), depth, findings);
  }
  return builtInToPackable(value, depth, findings);
}

function arrayToPackable(
  value: readonly unknown[],
  depth: number,
  findings: Findings,
): readonly unknown[] {
  findings.items += value.length;
  let copy: unknown[] | undefined;
  for (let i = 0; i < value.length; i++) {
    const item = value[i];
    const packable = toPackable(item, depth, findings);
    if (!Object.is(packable, item)) {
      copy ??= value.slice();
      copy[i] = packable;
    }
  }
  return copy ?? value;
}

function recordToPackable(value: object, depth: number, findings: Findings): unknown {
  findings.records++;
  const record = value as Readonly<Record<string, unknown>>;
  let copy: Record<string, unknown> | undefined;
  let fields = 0;
  for (const key in record) {
    if (++fields > sharedFieldsMax || !isPlainKey(key)) {
      return dictionaryToPackable({ record, begun: copy ?? record, fields }, depth, findings);
    }
    const item = record[key];
    const packable = toPackable(item, depth, findings);
    if (!Object.is(packable, item)) {
      copy ??= { ...record };
      copy[key] = packable;
    }
  }
  findings.items += fields;
  return copy ?? record;
}

/** A record whose fields before the one of number `fields` are in `begun` as they are written: none is gone through twice. */
interface BegunRecord {
  readonly record: Readonly<Record<string, unknown>>;
  readonly begun: Readonly<Record<string, unknown>>;
  readonly fields: number;
}

function dictionaryToPackable(
  { record, begun, fields }: BegunRecord,
  depth: number,
  findings: Findings,
): Special {
  const payload: unknown[] = [specialCode.record];
  let field = 0;
  for (const key of Object.keys(record)) {
    const isBegun = ++field < fields;
    findings.items += 2;
    payload.push(
      toPackable(key, depth, findings),
      isBegun ? begun[key] : toPackable(record[key], depth, findings),
    );
  }
  return new Special(payload);
}

/** False for field names that the packer would lose or trip over. */
function isPlainKey(key: string): boolean {
  return key !== "__proto__" && key !== "__keys__" && isPlainText(key);
}

const byteOrderMark = 0xfeff;

/** False for texts that the packer would write or read as others: it takes U+FEFF at the start of a long one for a mark. */
function isPlainText(text: string): boolean {
  return text.charCodeAt(0) !== byteOrderMark && text.isWellFormed();
}

function entriesToPackable(
  payload: unknown[],
  entries: Iterable<readonly [unknown, unknown]>,
  depth: number,
  findings: Findings,
): Special {
  for (const [key, item] of entries) {
    findings.items += 2;
    payload.push(toPackable(key, depth, findings), toPackable(item, depth, findings));
  }
  return new Special(payload);
}

function builtInToPackable(value: object, depth: number, findings: Findings): unknown {
  if (value instanceof Error) return errorToPackable(value, depth, findings);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return specialOfBytes(knownBytes(value) ?? refuse());
  }
  switch (Object.getPrototypeOf(value)) {
    case Map.prototype:
      return entriesToPackable([specialCode.map], value as Map<unknown, unknown>, depth, findings);
    case Set.prototype: {
      const payload: unknown[] = [specialCode.set];
      findings.items += (value as Set<unknown>).size;
      for (const item of value as Set<unknown>) payload.push(toPackable(item, depth, findings));
      return new Special(payload);
    }
    case Date.prototype:
      return new Special([specialCode.date, (value as Date).getTime()]);
    case RegExp.prototype: {
      const { source, flags, lastIndex } = value as RegExp;
      const text = toPackable(source, depth, findings);
      return new Special([specialCode.pattern, text, flags, lastIndex]);
    }
    default:
      return foreignToPackable(value, depth, findings);
  }
}

/** Plain records and arrays of another realm (a `vm` context) are data like our own. */
function foreignToPackable(value: object, depth: number, findings: Findings): unknown {
  const className = classNameOf(value);
  if (Array.isArray(value) && className === "Array") {
    return arrayToPackable(value, depth, findings);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Object.getPrototypeOf(prototype) === null && className === "Object") {
    return recordToPackable(value, depth, findings);
  }
  return refuse();
}

function errorToPackable(value: Error, depth: number, findings: Findings): Special {
  const parts = arrayToPackable(partsOfError(value), depth, findings);
  return new Special([specialCode.error, ...parts]);
}

function specialOfText(text: string): Special {
  return new Special([specialCode.text, Buffer.from(text, "utf16le")]);
}

function refuse(): never {
  throw refusal;
}
