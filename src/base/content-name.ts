import { hash } from "node:crypto";
import { classNameOf } from "./class-name.ts";
import { LambdaskError, shortly } from "./errors.ts";
import type { ContentName } from "./ids.ts";

/** Changes whenever the canonical encoding below does, so that no old name meets a new one. */
export const contentNameVersion = 1;

/** The content name of raw bytes or text. */
export function nameOfBytes(bytes: Uint8Array | string): ContentName {
  return hash("sha256", bytes, "hex").slice(0, 32) as ContentName;
}

/**
 * The content name of plain data: equal values get equal names on every machine. Records, Maps and Sets do not
 * depend on the order of insertion; arrays do. Types count: `1`, `"1"`, `1n` and `true` all differ, and so do
 * typed arrays of different kinds. Cycles and shared identity are not data here and are refused with NOT_DATA.
 */
export function nameOf(value: unknown): ContentName {
  return nameOfBytes(encoded(value, 0, "-0"));
}

/** A key as text: equal plain data, and only that, has equal text; `-0` equals `0` here, as in a Map. */
export function canonicalTextOf(value: unknown): string {
  return encoded(value, 0, "0");
}

const depthMax = 1000;

/** The text as far as it is written. */
interface Writing {
  readonly out: string[];
  readonly negativeZero: "-0" | "0";
}

function encode(value: unknown, writing: Writing, depth: number): void {
  const { out } = writing;
  if (depth > depthMax) refuse("deeper than 1000 levels, or a cycle");
  switch (typeof value) {
    case "string":
      // Hashing turns every lone surrogate into the same character, so such text is written escaped.
      if (value.isWellFormed()) out.push("s", String(value.length), ":", value);
      else out.push("w", JSON.stringify(value));
      return;
    case "number":
      out.push("n", Object.is(value, -0) ? writing.negativeZero : String(value), ";");
      return;
    case "boolean":
      out.push(value ? "t" : "f");
      return;
    case "undefined":
      out.push("u");
      return;
    case "bigint":
      out.push("i", String(value), ";");
      return;
    case "object":
      encodeObject(value, writing, depth + 1);
      return;
    case "function":
    case "symbol":
      refuse(shortly(value));
  }
}

function encodeObject(value: object | null, writing: Writing, depth: number): void {
  const { out, negativeZero } = writing;
  if (value === null) out.push("0");
  else if (Array.isArray(value)) {
    out.push("[", String(value.length), ":");
    for (const item of value) encode(item, writing, depth);
  } else if (ArrayBuffer.isView(value)) {
    const view = negativeZero === "0" ? withoutNegativeZero(value) : value;
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    out.push("b", value.constructor.name, ":", hash("sha256", bytes, "hex"));
  } else if (value instanceof Date) out.push("d", String(value.getTime()), ";");
  else if (value instanceof RegExp) out.push("r", JSON.stringify([value.source, value.flags]));
  else if (value instanceof Map)
    encodeUnordered(
      "m",
      [...value].map(([k, v]) => encoded([k, v], depth, negativeZero)),
      out,
    );
  else if (value instanceof Set)
    encodeUnordered(
      "e",
      [...value].map((item) => encoded(item, depth, negativeZero)),
      out,
    );
  else encodeRecord(value, writing, depth);
}

/** The same numbers, with `0` for `-0` and one kind of `NaN`, whose bytes differ. */
function withoutNegativeZero(view: ArrayBufferView): ArrayBufferView {
  const isFloats = view instanceof Float64Array || view instanceof Float32Array;
  if (!isFloats && !(view instanceof Float16Array)) return view;
  return view.map((n) => (Number.isNaN(n) ? Number.NaN : n + 0));
}

function encodeRecord(value: object, writing: Writing, depth: number): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    refuse(`an instance of ${classNameOf(value) || "an unnamed class"}`);
  }
  const keys = Object.keys(value).sort();
  writing.out.push("{", String(keys.length), ":");
  for (const key of keys) {
    encode(key, writing, depth);
    encode((value as Record<string, unknown>)[key], writing, depth);
  }
}

function encoded(value: unknown, depth: number, negativeZero: "-0" | "0"): string {
  const writing: Writing = { out: [], negativeZero };
  encode(value, writing, depth);
  return writing.out.join("");
}

function encodeUnordered(tag: string, items: string[], out: string[]): void {
  out.push(tag, String(items.length), ":");
  for (const item of items.sort()) out.push(item);
}

function refuse(what: string): never {
  throw new LambdaskError("NOT_DATA", {
    message: `cannot name ${what} by its content: not plain data`,
  });
}
