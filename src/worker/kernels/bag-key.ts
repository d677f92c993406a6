import { canonicalTextOf } from "../../base/content-name.ts";
import { isLambdaskError, LambdaskError } from "../../base/errors.ts";
import { refusalReason } from "../../chunk/refusal-reason.ts";

/** Starts the text of every key that is no string; a string that starts with it gets another one in front. */
const mark = "\u0001";

/**
 * A key as text: equal keys, and only they, have equal texts. Strings are their own text. `NaN` equals itself, `-0`
 * equals `0`, and records, arrays, Maps, Sets and Dates are equal if what they hold is.
 */
export function keyText(key: unknown): string {
  if (typeof key === "string") return key.startsWith(mark) ? `${mark}${key}` : key;
  if (typeof key === "number") return `${mark}n${key}`; // `${-0}` is "0".
  return `${mark}o${contentText(key)}`;
}

function contentText(key: unknown): string {
  try {
    return canonicalTextOf(key);
  } catch (cause) {
    if (!isLambdaskError(cause, "NOT_DATA")) throw cause;
    throw new LambdaskError("NOT_DATA", {
      message: `a key is not plain data: ${refusalReason(key, "key")}`,
      fix: "let the function that gives keys give plain data, best text or numbers",
      cause,
    });
  }
}

/** A 32-bit hash of `text` that is the same on every machine and in every release: exchanges go by it. */
export function textHash(text: string): number {
  let hash = text.length;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x5bd1e995);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

/** Which of `parts` parts the key with this text belongs to. */
export function partOf(text: string, parts: number): number {
  return Math.floor(((textHash(text) >>> 0) / 0x1_0000_0000) * parts);
}
