import os from "node:os";
import path from "node:path";
import { nameOfBytes } from "../base/content-name.ts";
import { isRunning } from "../base/running-process.ts";

const host = nameOfBytes(os.hostname()).slice(0, 8);
const start = Date.now().toString(36);
let counter = 0;

/** A file of another machine's process is taken for left over after this long. */
const foreignAgeMs = 24 * 3600 * 1000;

/** Who writes: told apart by machine, process and time, so that others can see whether it still lives. */
export const writerId: string = `${host}-${process.pid}-${start}`;

/** A new name in the folder of `target`; keys cannot begin with a dot, so no key looks like it, nor do patterns find it. */
export function temporaryName(target: string): string {
  counter += 1;
  return path.join(path.dirname(target), `.tmp-${writerId}-${counter}`);
}

/** True if `name` is a temporary file's: what other programs call so is left alone. */
export function isTemporaryName(name: string): boolean {
  return /^\.tmp-[0-9a-f]{8}-\d+-[0-9a-z]+-\d+$/.test(name);
}

/**
 * True if the writer of a temporary or claim file, unchanged since `modifiedMs`, is gone: its process does not run
 * any more, or it ran on another machine and the file is older than `foreignMs`.
 */
export function isAbandoned(
  writer: string,
  modifiedMs: number,
  foreignMs: number = foreignAgeMs,
): boolean {
  const [writerHost, pid] = writer.replace(/^\.tmp-/, "").split("-");
  if (writerHost !== host) return Date.now() - modifiedMs > foreignMs;
  return !isRunning(Number(pid));
}
