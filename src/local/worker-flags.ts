import { compileCacheFolder } from "./compile-cache.ts";

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
 * How far the old generation may grow before V8 first collects it. Left to itself V8 waits for longer, and what loading the
 * modules has left behind stays beside the first task's records: 25 MiB more at the peak.
 */
const firstOldMiB = 32;

/**
 * Limits of V8's own heap, so that a worker with too many objects meets them and collects its garbage before the
 * watchdog sees it: the old generation gets what the cap leaves; the young one, of which V8 keeps three, stays small.
 */
export function memoryFlags(memoryBytes: number, reservedMemoryBytes: number): string[] {
  const oldMiB = Math.max(16, Math.floor((memoryBytes - reservedMemoryBytes) / mebibyte));
  const semiMiB = Math.min(16, Math.max(1, Math.floor(memoryBytes / mebibyte / 64)));
  const firstMiB = Math.min(firstOldMiB, oldMiB);
  return [
    `--max-old-space-size=${oldMiB}`,
    `--max-semi-space-size=${semiMiB}`,
    `--initial-old-space-size=${firstMiB}`,
  ];
}

/** A worker's environment: the client's, without its own pipe to its parent, and with a place for compiled code. */
export function workerVariables(): NodeJS.ProcessEnv {
  const { NODE_CHANNEL_FD: _, ...variables } = process.env;
  const folder = variables["NODE_COMPILE_CACHE"] ?? compileCacheFolder();
  return folder === undefined ? variables : { ...variables, NODE_COMPILE_CACHE: folder };
}
