import { decodeValue, encodeValue } from "./value-codec.ts";

/** Shorter texts are copied by V8 itself when they are cut out of others. */
export const cutCharsMin = 13;

/**
 * `value` for keeping: a text that was cut out of another keeps all of that alive, which for a line of a file is the
 * block it was read in.
 */
export function ownCopy(value: unknown): unknown {
  if (typeof value === "string") return ownText(value);
  return typeof value === "object" && value !== null ? decodeValue(encodeValue(value)) : value;
}

/** The same text without what it was cut from: V8 writes it anew when it cuts the first character off. */
export function ownText(text: string): string {
  return text.length < cutCharsMin ? text : ` ${text}`.slice(1);
}
