import { isLambdaskError } from "../base/errors.ts";

/** Says on stderr what went wrong; of what is no error of this library, everything. */
export function printError(error: unknown): void {
  console.error("lambdask:", isLambdaskError(error) ? error.message : error);
}
