import { clientErrorData } from "../backend/client-error-data.ts";
import type { Failure } from "../backend/failure.ts";
import { LambdaskError } from "../base/errors.ts";

/** The failure of a worker function that cannot be called or started, whatever the task. */
export function noWorkers(message: string, fix: string): Failure {
  const error = new LambdaskError("NO_WORKERS", { message, fix });
  return { kind: "fatal", error: { ...clientErrorData(error), stack: "" } };
}
