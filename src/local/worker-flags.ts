import os from "node:os";
import path from "node:path";

const mebibyte = 2 ** 20;

/** Flags of the client that decide how the user's modules are found and loaded; those in the second set take a value. */
const keptFlag =
  /^(?:--(?:no-)?experimental-|--preserve-symlinks|--enable-source-maps|--disable-warning|--no-warnings|--stack-size=|--import\b|--loader\b|--require\b|--conditions\b|-r$|-C$)/;
const flagsWithValue = new Set([
  "--import",
  "--loader",
  "--experimental-loader",
  "--require",
  "--conditions",
  "--disable-warning",
  "-r",
  "-C",
]);

/** The flags among `execArgv` that a worker needs so that it loads the user's modules as the client does. */
export function loaderFlags(execArgv: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < execArgv.length; i++) {
    const flag = execArgv[i] ?? "";
    const value = flagsWithValue.has(flag) ? execArgv[i + 1] : undefined;
    if (keptFlag.test(flag)) kept.push(flag, ...(value === undefined ? [] : [value]));
    if (value !== undefined) i += 1;
  }
  return kept;
}

/**
 * Limits of V8's own heap, so that a worker with too many objects meets them and collects its garbage before the
 * watchdog sees it: the old generation gets what the cap leaves; the young one, of which V8 keeps three, stays small.
 */
export function memoryFlags(memoryBytes: number, reservedMemoryBytes: number): string[] {
  const oldMiB = Math.max(16, Math.floor((memoryBytes - reservedMemoryBytes) / mebibyte));
  const semiMiB = Math.min(16, Math.max(1, Math.floor(memoryBytes / mebibyte / 64)));
  return [`--max-old-space-size=${oldMiB}`, `--max-semi-space-size=${semiMiB}`];
}

/** A worker's environment: the client's, and a place for compiled code, which halves the time a worker takes to start. */
export function workerEnvironmentVariables(): NodeJS.ProcessEnv {
  const { NODE_CHANNEL_FD: _, NODE_UNIQUE_ID: __, ...variables } = process.env;
  return {
    ...variables,
    NODE_COMPILE_CACHE:
      variables["NODE_COMPILE_CACHE"] ?? path.join(os.tmpdir(), "lambdask-compile-cache"),
  };
}
