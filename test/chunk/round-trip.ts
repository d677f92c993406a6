import { isLambdaskError } from "../../src/base/errors.ts";
import { decodeValue, encodeValue } from "../../src/chunk/value-codec.ts";

/** What becomes of a value that is written and read. */
export function roundTrip(value: unknown): unknown {
  return decodeValue(encodeValue(value));
}

/** The message of the NOT_DATA error that encoding `value` as `result` must throw. */
export function refusalOf(value: unknown): string {
  try {
    encodeValue(value, "result");
  } catch (error) {
    if (isLambdaskError(error, "NOT_DATA")) return error.message.split("\n")[0] ?? "";
    throw error;
  }
  throw new Error("was not refused");
}
