import { decodeValue, encodeValue } from "./value-codec.ts";

/** Shorter texts are copied by V8 itself when they are cut out of others. */
const cutCharsMin = 13;

/**
 * `value` for keeping: a text that was cut out of another keeps all of that alive, which for a line of a file is the
 * block it was read in.
 */
export function ownCopy(value: unknown): unknown {
  const isText = typeof value === "string" && value.length >= cutCharsMin;
  const isObject = typeof value === "object" && value !== null;
  return isText || isObject ? decodeValue(encodeValue(value)) : value;
}
