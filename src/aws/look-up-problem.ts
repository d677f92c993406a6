/** What is wrong, and what to do about it. */
export interface LookUpProblem {
  readonly what: string;
  readonly fix: string;
}

interface AskedPlace {
  readonly region: string;
  readonly endpoint?: string;
}

const refused: LookUpProblem = {
  what: "the credentials are not accepted",
  fix: "check AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
};
const expired: LookUpProblem = { what: "the credentials have expired", fix: "sign in again" };

/** By the error's name or code. */
const known: Readonly<Record<string, LookUpProblem>> = {
  CredentialsProviderError: {
    what: "there are no credentials",
    fix: "sign in, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
  },
  TokenProviderError: expired,
  ExpiredToken: expired,
  ExpiredTokenException: expired,
  InvalidClientTokenId: refused,
  UnrecognizedClientException: refused,
  SignatureDoesNotMatch: refused,
  AccessDenied: {
    what: "these credentials may not",
    fix: "give them the client policy of the stack",
  },
};

const unreachable = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
  "ERR_INVALID_URL",
  "TimeoutError",
]);

/** Why AWS told nothing of a stack: in words for people. */
export function lookUpProblem(cause: unknown, { region, endpoint }: AskedPlace): LookUpProblem {
  const { name, message, code } = factsOf(cause);
  if (message === "Region is missing") {
    return { what: "no region is set", fix: "set AWS_REGION, or name the region in the call" };
  }
  const where = endpoint === undefined ? region : `${region} at ${endpoint}`;
  if (name === "ValidationError" && message.includes("does not exist")) {
    return {
      what: `there is none of this name in ${where}`,
      fix: "deploy it (npx lambdask deploy), or check its name, the region and the account",
    };
  }
  if (unreachable.has(code) || unreachable.has(name)) {
    return {
      what: `${endpoint ?? `AWS in ${region}`} cannot be reached: ${message || code}`,
      fix: "check the region, the network and AWS_ENDPOINT_URL",
    };
  }
  return (
    known[code] ??
    known[name] ?? {
      what: `${name}: ${message}`,
      fix: "check the stack's name, the region and the credentials",
    }
  );
}

function factsOf(cause: unknown): {
  readonly name: string;
  readonly message: string;
  readonly code: string;
} {
  if (!(cause instanceof Error)) return { name: "Error", message: String(cause), code: "" };
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
  return { name: cause.name, message: cause.message, code };
}
