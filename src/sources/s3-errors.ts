import type { Trouble } from "./pacer.ts";

/** What an error of the object store's client says of the answer. */
export interface S3Problem {
  /** The service's own word (`NoSuchKey`), or the system's (`ECONNRESET`). */
  readonly code: string;
  /** 0: no answer came. */
  readonly status: number;
}

/** The parts of `error` that decide what it means. */
export function s3Problem(error: unknown): S3Problem {
  if (typeof error !== "object" || error === null) return { code: "", status: 0 };
  const { name, code, $metadata } = error as {
    readonly name?: unknown;
    readonly code?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: unknown };
  };
  const status = $metadata?.httpStatusCode;
  // The client has no other word for it.
  if (error instanceof Error && error.message === "Region is missing") {
    return { code: "RegionMissing", status: 0 };
  }
  const word = typeof code === "string" ? code : name;
  return {
    code: typeof word === "string" ? word : "",
    status: typeof status === "number" ? status : 0,
  };
}

/** Words for "slow down", whatever status they come with. */
const throttles = new Set([
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  "BandwidthLimitExceeded",
]);

/** Answers that are none: the connection or the client's limits of time ended the try. */
const lost = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "TimeoutError",
  "IncompleteBody",
  "IncompleteAnswer",
  "RequestTimeout",
  "ERR_STREAM_PREMATURE_CLOSE",
]);

/** Refusals that pass: a write of the same object was on its way, or the clocks or tokens had to be renewed. */
const passing = new Set([
  "ConditionalRequestConflict",
  "OperationAborted",
  "RequestTimeTooSkewed",
  "BadDigest",
  "XAmzContentChecksumMismatch",
]);

/** What a failed request stands for. */
export function s3Trouble(error: unknown): Trouble {
  const { code, status } = s3Problem(error);
  if (status === 503 || status === 429 || throttles.has(code)) return "throttle";
  if (status >= 500 && status !== 501) return "passing";
  if (lost.has(code) || passing.has(code) || wasCut(error)) return "passing";
  return "final";
}

/** An answer that ended before its announced length: Node and the SDK say so only in words. */
function wasCut(error: unknown): boolean {
  return error instanceof Error && /^(aborted|socket hang up|terminated)$/.test(error.message);
}

/** True if a request that failed so may have been carried out: no refusal came back. */
export function mayHaveHappened(error: unknown): boolean {
  const { status } = s3Problem(error);
  return status === 0 || status >= 500;
}
