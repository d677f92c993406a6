import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";

/** A program of this folder that was started. */
export interface StartedProgram {
  readonly process: ChildProcess;
  /** What it wrote so far. */
  readonly output: { stdout: string; stderr: string };
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** Starts `programs/NAME.ts` in a process of its own. */
export function startProgram(
  name: string,
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    /** A module of `programs/` that is loaded before it. */
    readonly before?: string;
  } = {},
): StartedProgram {
  const fileOf = (module: string): string =>
    path.join(import.meta.dirname, "programs", `${module}.ts`);
  const before = options.before === undefined ? [] : ["--import", fileOf(options.before)];
  const child = spawn(process.execPath, [...before, fileOf(name), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (bytes) => {
    output.stdout += bytes;
  });
  child.stderr.on("data", (bytes) => {
    output.stderr += bytes;
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.on("close", (code, signal) => resolve(signal ?? code));
  });
  return { process: child, output, ended };
}
