import { parseByteSize } from "../base/byte-size.ts";
import { isLambdaskError } from "../base/errors.ts";

/** What a setting may hold. */
export interface Kind<T> {
  /** For messages and documents: "a whole number from 1 to 1024". */
  readonly rule: string;
  accepts(value: unknown): value is T;
  /** The value that a variable's text says; what is none comes back as it is, and is not accepted. Left out: no text says one. */
  fromText?(text: string): unknown;
}

/** Whole numbers between limits. */
export function wholeNumbers(min: number, max: number): Kind<number> {
  return {
    rule: `a whole number from ${min} to ${max}`,
    accepts: (value): value is number =>
      typeof value === "number" && Number.isInteger(value) && value >= min && value <= max,
    fromText: numberOf,
  };
}

/** Any number but NaN and the infinities. */
export const finiteNumbers: Kind<number> = {
  rule: "a finite number",
  accepts: (value): value is number => Number.isFinite(value),
  fromText: numberOf,
};

/** Numbers of bytes, and text such as `"8 GiB"`. */
export const byteSizes: Kind<number | string> = {
  rule: 'a positive number of bytes or text such as "256 MiB"',
  accepts: (value): value is number | string => {
    try {
      return parseByteSize(value as number | string, "") > 0; // It looks at the type itself.
    } catch (error) {
      if (isLambdaskError(error)) return false;
      throw error;
    }
  },
  fromText: (text) => text,
};

/** `true` and `false`; in a variable also `1` and `0`. */
export const booleans: Kind<boolean> = {
  rule: "true or false",
  accepts: (value) => typeof value === "boolean",
  fromText: (text) => ({ true: true, "1": true, false: false, "0": false })[text] ?? text,
};

/** Text that is not empty, called `rule` in messages. */
export function texts(rule: string): Kind<string> {
  return {
    rule,
    accepts: (value): value is string => typeof value === "string" && value !== "",
    fromText: (text) => text,
  };
}

/** Addresses of web servers. */
export const webAddresses: Kind<string> = {
  rule: 'a URL such as "http://localhost:4566"',
  accepts: (value): value is string =>
    typeof value === "string" && /^https?:$/.test(URL.parse(value)?.protocol ?? ""),
  fromText: (text) => text,
};

/** One of a few words. */
export function oneOf<const T extends string>(words: readonly T[]): Kind<T> {
  return {
    rule: `one of ${words.map((word) => `"${word}"`).join(", ")}`,
    accepts: (value): value is T => words.some((word) => word === value),
    fromText: (text) => text,
  };
}

/** Functions: what they take and give is not seen before they are called. */
export function functions<T extends (...values: never) => unknown>(): Kind<T> {
  return {
    rule: "a function",
    accepts: (value): value is T => typeof value === "function",
  };
}

function numberOf(text: string): unknown {
  return text.trim() === "" ? text : Number(text);
}
