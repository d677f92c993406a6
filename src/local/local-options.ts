import os from "node:os";
import path from "node:path";
import { type ByteSize, formatBytes, parseByteSize } from "../base/byte-size.ts";
import { checkOptions, wholeNumber } from "../base/check-options.ts";
import { badArgument, LambdaskError, shortly } from "../base/errors.ts";
import { parseScaleTarget, type ScaleRange, type ScaleTarget } from "./scale-target.ts";

/** How the local backend runs. */
export interface LocalOptions {
  /** Worker processes; one per core by default. */
  readonly processes?: number;
  /** Instead of `processes`, bounds on it: the number grows with the work and shrinks without. */
  readonly scale?: ScaleTarget;
  /** Memory of all workers together; 70 % of this machine's by default. */
  readonly memory?: ByteSize;
  /**
   * Folder for chunks and run records; `LAMBDASK_STORE` or `.lambdask` in the working directory by default. Inline
   * runs keep them in memory unless a folder is given here.
   */
  readonly store?: string;
  /** Run everything in this process, for debugging. */
  readonly inline?: boolean;
}

/** Options that have been checked, defaults filled in. */
export interface CheckedLocalOptions {
  readonly scale: ScaleRange;
  /** Of one worker. */
  readonly workerMemoryBytes: number;
  /** `undefined`: in this process's memory. */
  readonly storeRoot: string | undefined;
  readonly inline: boolean;
}

const memoryShare = 0.7;
const workerMemoryBytesMin = 128 * 2 ** 20;
const processesMax = 1024;
const where = "connect";

/** The options as the backend uses them; a BAD_ARGUMENT error names the one that is wrong. */
export function checkLocalOptions(given: LocalOptions | undefined): CheckedLocalOptions {
  const options = checkOptions<LocalOptions>(where, given, [
    "processes",
    "scale",
    "memory",
    "store",
    "inline",
  ]);
  const { inline = false, store } = options;
  if (typeof inline !== "boolean") throw badArgument(`${where}: inline`, "true or false", inline);
  if (store !== undefined && (typeof store !== "string" || store === "")) {
    throw badArgument(`${where}: store`, "the path of a folder", store);
  }
  const folder = store ?? (inline ? undefined : process.env["LAMBDASK_STORE"]);
  if (folder !== undefined && /^[a-z][a-z0-9+.-]+:\/\//i.test(folder)) {
    throw noFolder(folder, store === undefined ? "LAMBDASK_STORE" : `${where}: store`);
  }
  const scale = inline ? { min: 1, max: 1 } : scaleOf(options);
  return {
    scale,
    workerMemoryBytes: workerMemory(options.memory, scale.max),
    storeRoot: inline && store === undefined ? undefined : path.resolve(store ?? defaultStore()),
    inline,
  };
}

/** A URL would be taken for a folder called `s3:`. */
function noFolder(url: string, what: string): LambdaskError {
  const onAws = url.toLowerCase().startsWith("s3:");
  return new LambdaskError("BAD_ARGUMENT", {
    message: `${what}: expected the path of a folder on this machine, got ${shortly(url)}`,
    fix: onAws
      ? "connect({ backend: awsBackend({ stack }) }) of lambdask/aws runs on Lambda and keeps chunks in the stack's bucket; files on S3 are read and written from anywhere"
      : "give a path without a scheme",
    data: { where: what },
  });
}

function defaultStore(): string {
  return process.env["LAMBDASK_STORE"] || ".lambdask";
}

function scaleOf({ processes, scale }: LocalOptions): ScaleRange {
  if (scale !== undefined) {
    if (processes !== undefined) {
      throw badArgument(`${where}: processes`, "either processes or scale, not both", processes);
    }
    return parseScaleTarget(scale, `${where}: scale`);
  }
  const count = wholeNumber(`${where}: processes`, processes ?? os.availableParallelism(), {
    min: 1,
    max: processesMax,
  });
  return { min: count, max: count };
}

function workerMemory(memory: ByteSize | undefined, workers: number): number {
  const total =
    memory === undefined ? memoryShare * machineBytes() : parseByteSize(memory, `${where}: memory`);
  const each = Math.floor(total / workers);
  if (each >= workerMemoryBytesMin) return each;
  throw new LambdaskError("BAD_ARGUMENT", {
    message: `${where}: memory: ${formatBytes(Math.floor(total))} for ${workers} processes is ${formatBytes(each)} each, less than the ${formatBytes(workerMemoryBytesMin)} a worker needs`,
    fix: "give more memory, or fewer processes",
    data: { where: `${where}: memory` },
  });
}

/** What this process may use: the machine's memory, or less in a container. */
function machineBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, os.totalmem()) : os.totalmem();
}
