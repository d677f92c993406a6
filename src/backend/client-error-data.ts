import { isLambdaskError } from "../base/errors.ts";
import type { ErrorData } from "./failure.ts";

/** An error of the client's own side as a failure carries it: with its code, and what to do if it says so. */
export function clientErrorData(error: unknown): ErrorData {
  if (!(error instanceof Error)) {
    return { name: "", message: String(error), stack: "", fields: {} };
  }
  const { name, message, stack = "" } = error;
  return { name, message, stack, fields: fieldsOf(error) };
}

function fieldsOf(error: Error): ErrorData["fields"] {
  const code = "code" in error ? { code: error.code } : {};
  const fix = isLambdaskError(error) ? error.fix : undefined;
  return fix === undefined ? code : { ...code, fix };
}
