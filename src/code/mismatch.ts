import { LambdaskError } from "../base/errors.ts";

/** The error for code or data that is not what the program sent. */
export function mismatch(message: string, cause?: unknown): LambdaskError {
  return new LambdaskError("MISMATCH", {
    message,
    fix: "use the same version of lambdask and of Node in the program and on its workers",
    cause,
  });
}
