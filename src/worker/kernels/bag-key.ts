import { canonicalTextOf } from "../../base/content-name.ts";
import { isLambdaskError, LambdaskError } from "../../base/errors.ts";
import { refusalReason } from "../../chunk/refusal-reason.ts";
import { encodeValue } from "../../chunk/value-codec.ts";

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
      message:
        cause.message.includes(tooDeep) && isData(key)
          ? "a key is nested more than 1,000 levels deep"
          : `a key is not plain data: ${refusalReason(key, "key")}`,
      fix: "let the function that gives keys give plain data, best text or numbers",
      cause,
    });
  }
}

/** What naming by content says of too many levels; a cycle is told as what it is. */
const tooDeep = "deeper than 1000 levels";

function isData(key: unknown): boolean {
  try {
    encodeValue(key);
    return true;
  } catch {
    return false;
  }
}

/** A 32-bit hash of `text` that is the same on every machine and in every release: exchanges go by it. */
export function textHash(text: string): number {
  let hash = text.length;
  for (let i = 0; i < text.length; i++) hash = step(hash, text.charCodeAt(i));
  return ended(hash);
}

function step(hash: number, code: number): number {
  const next = Math.imul(hash ^ code, 0x5bd1e995);
  return next ^ (next >>> 15);
}

function ended(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}

/** Which of `parts` parts `key` belongs to: one for all keys that are equal. */
export function partOf(key: unknown, parts: number): number {
  const isSmall = typeof key === "number" && (key | 0) === key && key >= 0 && key < smallMax;
  const hash = isSmall ? smallHash(key) : textHash(keyText(key));
  return Math.floor(((hash >>> 0) / 0x1_0000_0000) * parts);
}

/** Whole numbers below this have no more digits than fit in one word. */
const smallMax = 100_000_000;
const nCode = 110;
const zeroCode = 48;

/** `textHash(keyText(key))` of a whole number from 0 to `smallMax`, without the text. */
function smallHash(key: number): number {
  let digits = 0;
  /** Four bits each, the last digit lowest. */
  let packed = 0;
  for (let rest = key | 0; digits === 0 || rest > 0; digits++) {
    const tens = (rest / 10) | 0;
    packed |= (rest - 10 * tens) << (4 * digits);
    rest = tens;
  }
  let hash = step(step(digits + 2, 1), nCode);
  while (digits > 0) {
    digits--;
    hash = step(hash, zeroCode + ((packed >>> (4 * digits)) & 15));
  }
  return ended(hash);
}
