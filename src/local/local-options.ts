import os from "node:os";
import path from "node:path";
import { type ByteSize, formatBytes, parseByteSize } from "../base/byte-size.ts";
import { checkOptions } from "../base/check-options.ts";
import { badArgument, LambdaskError, shortly } from "../base/errors.ts";
import { urlScheme } from "../base/url-scheme.ts";
import { places, type Resolved, resolve } from "../config/resolve.ts";
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
  const inline = resolve("inline", option("inline", options.inline)).value === true;
  const store = resolve("store", option("store", options.store));
  const inMemory = inline && store.place !== "option" && store.place !== "scope";
  const scale = inline ? { min: 1, max: 1 } : scaleOf(options);
  return {
    scale,
    workerMemoryBytes: workerMemory(options.memory, scale.max),
    storeRoot: inMemory ? undefined : path.resolve(folderOf(store)),
    inline,
  };
}

function option(name: string, value: unknown): { readonly where: string; readonly value: unknown } {
  return { where: `${where}: ${name}`, value };
}

function folderOf({ value, where: said }: Resolved): string {
  const folder = String(value); // It was checked against its setting.
  if (urlScheme(folder) !== undefined) throw noFolder(folder, said);
  return folder;
}

/** A URL would be taken for a folder called `s3:`. */
function noFolder(url: string, what: string): LambdaskError {
  const onAws = urlScheme(url) === "s3";
  return new LambdaskError("BAD_ARGUMENT", {
    message: `${what}: expected the path of a folder on this machine, got ${shortly(url)}`,
    fix: onAws
      ? "connect({ backend: awsBackend({ stack }) }) of lambdask/aws runs on Lambda and keeps chunks in the stack's bucket; files on S3 are read and written from anywhere"
      : "give a path without a scheme",
    data: { where: what },
  });
}

/** Of the number and the bounds of workers, what was said nearest holds. */
function scaleOf({ processes, scale }: LocalOptions): ScaleRange {
  if (scale !== undefined) {
    if (processes === undefined) return parseScaleTarget(scale, `${where}: scale`);
    throw badArgument(`${where}: processes`, "either processes or scale, not both", processes);
  }
  const count = resolve("processes", option("processes", processes));
  const min = resolve("scale.min");
  const max = resolve("scale.max");
  const bounds = Math.min(places.indexOf(min.place), places.indexOf(max.place));
  const counted = places.indexOf(count.place);
  const cores = os.availableParallelism();
  if (count.value === undefined || bounds < counted) {
    if (min.value === undefined && max.value === undefined) return { min: cores, max: cores };
    const range = { min: min.value ?? 1, max: max.value ?? cores };
    return parseScaleTarget(range, min.value === undefined ? max.where : min.where);
  }
  if (bounds === counted) {
    throw badArgument(count.where, "either processes or scale, not both", count.value);
  }
  return { min: Number(count.value), max: Number(count.value) };
}

function workerMemory(memory: ByteSize | undefined, workers: number): number {
  const said = resolve("memory", option("memory", memory));
  const total =
    said.value === undefined
      ? memoryShare * machineBytes()
      : parseByteSize(said.value as ByteSize, said.where); // Checked against its setting.
  const each = Math.floor(total / workers);
  if (each >= workerMemoryBytesMin) return each;
  throw new LambdaskError("BAD_ARGUMENT", {
    message: `${said.where}: ${formatBytes(Math.floor(total))} for ${workers} processes is ${formatBytes(each)} each, less than the ${formatBytes(workerMemoryBytesMin)} a worker needs`,
    fix: "give more memory, or fewer processes",
    data: { where: said.where },
  });
}

/** What this process may use: the machine's memory, or less in a container. */
function machineBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, os.totalmem()) : os.totalmem();
}
