import type { Failure } from "../backend/failure.ts";
import { noWorkers } from "./no-workers.ts";

/** What a call that brought no reply of the function comes to. */
export type ServiceTrouble =
  /** The tasks have this failure. */
  | { readonly kind: "failure"; readonly failure: Failure }
  /** Lambda itself failed, and the function was not called or its reply was lost: it may pass. */
  | { readonly kind: "service"; readonly detail: string }
  /** The message is too large for one call. */
  | { readonly kind: "too-large"; readonly detail: string };

/** Flow control, whatever the status: rates, concurrency, network interfaces and addresses that are used up. */
const throttles = new Set([
  "TooManyRequestsException",
  "ThrottlingException",
  "Throttling",
  "EC2ThrottledException",
  "ENILimitReachedException",
  "SubnetIPAddressLimitReachedException",
]);

/** The function is there, but is being made or changed just now. */
const passing = new Set(["ResourceConflictException", "ResourceNotReadyException"]);

/** The function or what it is made of must be put right by somebody. */
const broken = new Set([
  "InvalidRuntimeException",
  "InvalidZipFileException",
  "InvalidSecurityGroupIDException",
  "InvalidSubnetIDException",
  "KMSAccessDeniedException",
  "KMSDisabledException",
  "KMSInvalidStateException",
  "KMSNotFoundException",
  "EC2AccessDeniedException",
]);

/** Who calls is not known, or may not. */
const refused = new Set([
  "AccessDeniedException",
  "CredentialsProviderError",
  "ExpiredTokenException",
  "IncompleteSignatureException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "MissingAuthenticationTokenException",
  "SignatureDoesNotMatch",
  "TokenProviderError",
  "UnrecognizedClientException",
]);

/** Tells what an error of the SDK means for the tasks of the invocation. */
export function troubleOf(thrown: unknown, functionName: string): ServiceTrouble {
  const { name, message, status } = factsOf(thrown);
  const what = `${name}: ${message}`;
  if (throttles.has(name) || status === 429) return failed({ kind: "throttle" });
  if (passing.has(name)) return { kind: "service", detail: what };
  if (name === "RequestTooLargeException" || status === 413) {
    return { kind: "too-large", detail: what };
  }
  if (name === "ResourceNotFoundException" || status === 404) {
    return failed(
      noWorkers(
        `there is no worker function ${functionName}: ${what}`,
        "deploy the stack, or check its name and the region",
      ),
    );
  }
  if (refused.has(name) || status === 401 || status === 403) {
    return failed(
      noWorkers(
        `Lambda refuses to call ${functionName}: ${what}`,
        "check the credentials and their region, and give them the client policy of the stack",
      ),
    );
  }
  if (broken.has(name) || (status !== undefined && status >= 400 && status < 500)) {
    return failed(
      noWorkers(`Lambda cannot run ${functionName}: ${what}`, "put the function right"),
    );
  }
  if (status !== undefined && status >= 500) return { kind: "service", detail: what };
  const detail = `the connection to Lambda broke, or its reply is unreadable: ${what}`;
  return failed({ kind: "worker-lost", detail });
}

function failed(failure: Failure): ServiceTrouble {
  return { kind: "failure", failure };
}

function factsOf(thrown: unknown): {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
} {
  if (typeof thrown !== "object" || thrown === null) {
    return { name: "Error", message: String(thrown), status: undefined };
  }
  const { name, message, code, $metadata } = thrown as Partial<Record<string, unknown>>;
  const status = ($metadata as { readonly httpStatusCode?: unknown } | undefined)?.httpStatusCode;
  return {
    // Connection errors are plain ones and differ by code.
    name: typeof code === "string" ? code : String(name ?? "Error"),
    message: String(message ?? ""),
    status: typeof status === "number" ? status : undefined,
  };
}
