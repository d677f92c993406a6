import { isLambdaskError, type LambdaskError } from "../../src/base/errors.ts";

/** The error of ours that `action` ends in. */
export async function errorOf(action: Promise<unknown> | (() => unknown)): Promise<LambdaskError> {
  let value: unknown;
  try {
    value = await (typeof action === "function" ? action() : action);
  } catch (error) {
    if (isLambdaskError(error)) return error;
    throw error;
  }
  throw new Error(`no error, but ${String(value)}`);
}
