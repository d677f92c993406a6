/**
 * What a deployed stack and its users agree on: the stack is made with these names and its client finds things by
 * them. Nothing here loads an SDK, so the stack, the client, the worker and the command line can all import it.
 */

export { protocolVersion } from "../backend/task.ts";

/** The name of the stack if the user gives none. */
export const defaultStackName = "Lambdask";

/** Keys of the stack's outputs. */
export const outputKeys = {
  bucketName: "BucketName",
  workerFunctionName: "WorkerFunctionName",
  protocolVersion: "ProtocolVersion",
  memoryMb: "MemoryMb",
  timeoutS: "TimeoutS",
  /** `unreserved` if the function shares the account's concurrency. */
  reservedConcurrency: "ReservedConcurrency",
  /** Days until the lifecycle rule removes scratch objects. */
  scratchDays: "ScratchDays",
} as const;

/** Key of the output that says whether the bucket outlives the stack: `true` or `false`. */
export const keepsBucketKey = "KeepsBucket";

/** Environment variables that the worker function reads; memory and deadline come from Lambda itself. */
export const workerEnvironment = {
  bucket: "LAMBDASK_BUCKET",
} as const;

/** Where things lie in the bucket; the lifecycle rule removes what lies under `scratch`. */
export const bucketPrefixes = {
  /** Chunks of runs. */
  chunks: "tmp/",
  /** Copies of those that are kept beyond their run: no rule removes these. */
  keptChunks: "keep/",
  /** Captured data, code and bundles of imports. */
  blobs: "blob/",
  /** Chunks set aside because their bytes were wrong. */
  bad: "bad/",
  /** Uploaded `file:` inputs, by content. */
  inputs: "inputs/",
  /** Files that workers wrote for the client's machine, until the client has brought them there. */
  outputs: "outputs/",
  /** Run records, leases and journals. */
  runs: "runs/",
  /** Notes of which stored names are kept, and by whom. */
  kept: "kept/",
  /** What is published, by name. */
  published: "published/",
  /** Who holds which lock. */
  locks: "locks/",
  /** Small values that programs share by name. */
  variables: "variables/",
} as const;

/** Prefixes whose objects the lifecycle rule removes: all that a run can make again. */
export const scratchPrefixes: readonly string[] = [
  bucketPrefixes.chunks,
  bucketPrefixes.blobs,
  bucketPrefixes.bad,
  bucketPrefixes.inputs,
  bucketPrefixes.outputs,
];

const dayMs = 86_400_000;

/**
 * Scratch that is older counts as absent: half of the time that the lifecycle rule leaves it, so that what a run finds
 * stays for as long again.
 */
export function scratchMsMax({ scratchDays }: Pick<Deployment, "scratchDays">): number {
  return (scratchDays * dayMs) / 2;
}

/** The file in the worker asset that Lambda loads, and the function in it. */
export const workerHandler = "handler.handler";

/** What a stack is made with if the user says nothing. */
export const deploymentDefaults = {
  memoryMb: 1769,
  timeoutS: 900,
  scratchDays: 7,
} as const;

/** Facts that a client needs of a deployed stack. */
export interface Deployment {
  readonly bucketName: string;
  readonly workerFunctionName: string;
  readonly protocolVersion: number;
  readonly memoryMb: number;
  readonly timeoutS: number;
  /** `undefined`: the function shares the account's concurrency. */
  readonly reservedConcurrency: number | undefined;
  readonly scratchDays: number;
}

/** The deployment that a stack's outputs describe, or the key of the output that is missing or no number. */
export function deploymentOf(
  outputs: ReadonlyMap<string, string>,
): Deployment | { readonly missing: string } {
  const numbers = new Map<string, number>();
  for (const key of Object.values(outputKeys)) {
    const text = outputs.get(key);
    if (text === undefined || text === "") return { missing: key };
    numbers.set(key, Number(text));
  }
  const number = (key: string): number => numbers.get(key) ?? Number.NaN;
  const { reservedConcurrency, ...others } = outputKeys;
  for (const key of [
    others.protocolVersion,
    others.memoryMb,
    others.timeoutS,
    others.scratchDays,
  ]) {
    if (!Number.isSafeInteger(number(key))) return { missing: key };
  }
  const reserved = number(reservedConcurrency);
  return {
    bucketName: outputs.get(others.bucketName) ?? "",
    workerFunctionName: outputs.get(others.workerFunctionName) ?? "",
    protocolVersion: number(others.protocolVersion),
    memoryMb: number(others.memoryMb),
    timeoutS: number(others.timeoutS),
    reservedConcurrency: Number.isSafeInteger(reserved) ? reserved : undefined,
    scratchDays: number(others.scratchDays),
  };
}
