import type { Failure } from "../backend/failure.ts";
import { isLambdaskError } from "../base/errors.ts";

/** A failure of the pool itself, which no other try can cure. */
export function fatal(error: unknown): Failure {
  const isError = error instanceof Error;
  return {
    kind: "fatal",
    error: {
      name: isError ? error.name : "",
      message: isError ? error.message : String(error),
      stack: isError ? (error.stack ?? "") : "",
      fields: isLambdaskError(error) ? { code: error.code, fix: error.fix, data: error.data } : {},
    },
  };
}
