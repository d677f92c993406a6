import { Buffer } from "node:buffer";
import type { Failure } from "../backend/failure.ts";
import { retiredExitCode } from "../backend/invocation-codec.ts";
import { noWorkers } from "./no-workers.ts";

/** What Lambda says of a function that failed: JSON with these two, and more. */
interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
}

/** The function's file or handler cannot be loaded: no task is to blame, and no other try goes better. */
const doesNotLoad = new Set([
  "Runtime.ImportModuleError",
  "Runtime.HandlerNotFound",
  "Runtime.MalformedHandlerName",
  "Runtime.UserCodeSyntaxError",
  "Runtime.InvalidEntrypoint",
  "Runtime.InvalidWorkingDir",
]);

/** Signals that end a process which used more memory than it has: by the kernel, and by V8 itself. */
const memorySignal = /signal: (killed|aborted)/;
const retired = new RegExp(`exit status ${retiredExitCode}\\b`);
const timedOut = /timed out after ([\d.]+) seconds/;

/** What the tasks of an invocation failed of when its function failed; `payload` is the reply. */
export function failureOfFunction(
  payload: Uint8Array,
  limits: { readonly memoryBytes: number },
): Failure | "too-large" {
  const { errorType, errorMessage } = readError(payload);
  if (retired.test(errorMessage)) return { kind: "returned" };
  const seconds = timedOut.exec(errorMessage)?.[1];
  if (errorType === "Sandbox.Timedout" || seconds !== undefined) {
    return { kind: "timeout", afterMs: Number(seconds ?? Number.NaN) * 1000 };
  }
  if (errorType === "Runtime.OutOfMemory" || memorySignal.test(errorMessage)) {
    return {
      kind: "memory",
      detail: `a worker function was ended, as when its memory is used up: ${errorMessage}`,
      peakBytes: limits.memoryBytes,
    };
  }
  if (errorType === "Function.ResponseSizeTooLarge") return "too-large";
  const what = `${errorType}: ${errorMessage}`;
  if (doesNotLoad.has(errorType)) {
    const message = `the worker function does not start: ${what}`;
    return noWorkers(message, "deploy the stack again, with this version of lambdask");
  }
  return { kind: "worker-lost", detail: `a worker function failed: ${what}` };
}

function readError(payload: Uint8Array): FunctionError {
  const text = Buffer.from(payload).toString("utf8");
  try {
    const error: unknown = JSON.parse(text);
    const { errorType, errorMessage } = (error ?? {}) as Partial<Record<string, unknown>>;
    return { errorType: String(errorType ?? "Error"), errorMessage: String(errorMessage ?? "") };
  } catch {
    return { errorType: "Error", errorMessage: text.slice(0, 1000) };
  }
}
