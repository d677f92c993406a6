import { protocolVersion } from "../backend/task.ts";
import { packageVersion } from "../base/package-version.ts";
import type { Engine } from "./engine.ts";
import { hookLabels } from "./set-up-hooks.ts";

/** What a client works with, at this moment. */
export interface ClientInfo {
  /** `local`, `aws`. */
  readonly backend: string;
  readonly versions: {
    /** Of this package. */
    readonly lambdask: string;
    readonly node: string;
    /** Of the messages between client and workers: both sides must speak the same. */
    readonly protocol: number;
  };
  readonly workers: {
    /** Invocations that may run at once now: worker processes, or calls of Lambda. */
    readonly slots: number;
    /** Invocations that run now. */
    readonly busy: number;
    /** Memory of one worker, in bytes. */
    readonly memoryBytes: number;
    /** Of it, what a worker uses before its first task. */
    readonly reservedMemoryBytes: number;
  };
  readonly limits: {
    /** Bytes of one message to a worker, and of its reply. */
    readonly payloadBytesMax: number;
    /** Longest invocation, in milliseconds; `Infinity` if there is no limit. */
    readonly invocationMsMax: number;
  };
  /** Requests that this client has sent, by kind: on AWS `s3:PutObject`, `lambda:Invoke`; each try is one. Those of workers are theirs. */
  readonly requests: Readonly<Record<string, number>>;
  /** What `setUpWorker` and `setUpClient` are called, where there are such. */
  readonly setUp: { readonly worker?: string; readonly client?: string };
  /** Computations and groups of futures that have not ended. */
  readonly activeRuns: number;
}

/** What `engine` works with, at this moment. */
export function clientInfo(engine: Engine): ClientInfo {
  engine.waiting.begin();
  const { backend, driver, inFlight, hooks } = engine;
  const { name, limits, invoker } = backend;
  const { workerMemoryBytes, reservedMemoryBytes, payloadBytesMax, invocationMsMax } = limits;
  return {
    backend: name,
    versions: { lambdask: packageVersion, node: process.version, protocol: protocolVersion },
    workers: {
      slots: invoker.slots,
      busy: inFlight.count,
      memoryBytes: workerMemoryBytes,
      reservedMemoryBytes,
    },
    limits: { payloadBytesMax, invocationMsMax },
    requests: backend.requests?.() ?? {},
    setUp: hookLabels(hooks),
    activeRuns: driver.activeJobs,
  };
}
