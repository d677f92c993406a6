import type { Backend } from "../backend/backend.ts";
import { checkOptions } from "../base/check-options.ts";
import { badArgument } from "../base/errors.ts";
import { requireSupportedRuntime } from "../code/runtime.ts";
import type { LocalOptions } from "../local/local-options.ts";
import type { Client } from "./client.ts";
import { refuseInTask } from "./current.ts";
import { type ProgressMode, parseProgressMode } from "./progress/mode.ts";
import { watchProgress } from "./progress/watch.ts";

/** How a client runs work. */
export interface ConnectOptions extends LocalOptions {
  /** Where work runs in place of local processes; the other options of the local backend are then refused. */
  readonly backend?: Backend;
  /** What is shown on stderr of runs over half a second; `"auto"` by default. */
  readonly progress?: ProgressMode;
}

const localNames = ["processes", "scale", "memory", "store", "inline"] as const;

/**
 * Starts a client, which everything is computed with until it is closed. Without one, the first `compute` starts the
 * embedded default.
 * @example
 * ```ts
 * await using client = await connect({ processes: 2, memory: "1 GiB" });
 * console.log(await client.submit(() => "ready").result()); // → ready
 * ```
 */
export async function connect(options?: ConnectOptions): Promise<Client> {
  requireSupportedRuntime();
  refuseInTask("connect");
  const checked = checkOptions("connect", options, [...localNames, "backend", "progress"]);
  const { backend, progress, ...local } = checked;
  const mode =
    progress === undefined ? undefined : parseProgressMode("connect: progress", progress);
  const given = backend === undefined ? undefined : own(backend, local);
  // Loaded when they are needed: programs that only build lazy work start faster.
  const [{ openEngine, openLocalEngine }, { Client }] = await Promise.all([
    import("./open-engine.ts"),
    import("./client.ts"),
  ]);
  const engine = given ? openEngine(given) : openLocalEngine(local);
  watchProgress(engine, mode);
  return new Client(engine);
}

function own(backend: Backend, local: LocalOptions): Backend {
  const parts = ["store", "runs", "sources", "invoker", "clock", "limits"] as const;
  const given: unknown = backend;
  const complete =
    typeof given === "object" && given !== null && parts.every((part) => part in given);
  if (!complete) throw badArgument("connect: backend", "a backend", backend);
  const [other] = localNames.filter((name) => local[name] !== undefined);
  if (other === undefined) return backend;
  throw badArgument(`connect: ${other}`, "nothing, since a backend is given", local[other]);
}
