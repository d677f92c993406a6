import type { Backend, LazyBackend } from "../backend/backend.ts";
import { checkOptions } from "../base/check-options.ts";
import { badArgument } from "../base/errors.ts";
import { requireSupportedRuntime } from "../code/runtime.ts";
import type { ProgressMode } from "../config/progress-mode.ts";
import { type FrozenSettings, freezeSettings, setting } from "../config/resolve.ts";
import type { LocalOptions } from "../local/local-options.ts";
import { parseScaleTarget } from "../local/scale-target.ts";
import type { Client } from "./client.ts";
import { refuseInTask } from "./current.ts";
import { watchProgress } from "./progress/watch.ts";
import { hooksOf, runClientHook, tellingHooks } from "./set-up-hooks.ts";

/** How a client runs work. */
export interface ConnectOptions extends LocalOptions {
  /** Where work runs in place of local processes; the other options of the local backend are then refused. */
  readonly backend?: Backend | LazyBackend;
  /** What is shown on stderr of runs over half a second; `"auto"` by default. */
  readonly progress?: ProgressMode;
  /**
   * Called once in each worker before its first task for this client, and awaited. It is sent as any function is. What
   * it gives is ignored: workers end without notice.
   */
  readonly setUpWorker?: () => unknown;
  /** Called with the client, and awaited, before `connect` gives it. If it throws, the client is closed. */
  readonly setUpClient?: (client: Client) => unknown;
}

const localNames = ["processes", "scale", "memory", "store", "inline"] as const;
const otherNames = ["backend", "progress", "setUpWorker", "setUpClient"] as const;

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
  const checked = checkOptions("connect", options, [...localNames, ...otherNames]);
  const { backend, progress, setUpWorker, setUpClient, ...local } = checked;
  const mode = setting("progress", { where: "connect: progress", value: progress });
  const hooks = hooksOf({ setUpWorker, setUpClient });
  const settings = tellingHooks(withOptions(freezeSettings(), local, mode), hooks);
  const given = backend === undefined ? undefined : await opened(backend, local);
  // Loaded when they are needed: programs that only build lazy work start faster.
  const [{ openEngine, openLocalEngine }, { Client }] = await Promise.all([
    import("./open-engine.ts"),
    import("./client.ts"),
  ]);
  const engine = given
    ? openEngine(given, { settings: { ...settings, ...given.settings }, hooks })
    : openLocalEngine(local, { settings, hooks });
  watchProgress(engine, mode);
  const client = new Client(engine);
  await runClientHook(hooks, client);
  return client;
}

/** The settings that hold with these options, for the records of runs. */
function withOptions(
  settings: FrozenSettings,
  { scale, ...others }: LocalOptions,
  progress: ProgressMode,
): FrozenSettings {
  const { processes, "scale.min": min, "scale.max": max, ...rest } = settings;
  const range = scale === undefined ? { min, max } : parseScaleTarget(scale, "connect: scale");
  // Either number of workers rules out the other.
  const workers =
    others.processes === undefined ? { "scale.min": range.min, "scale.max": range.max } : {};
  const counts = scale === undefined ? { processes, ...workers } : workers;
  const all = Object.entries({ ...rest, ...counts, ...others, progress });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

async function opened(given: Backend | LazyBackend, local: LocalOptions): Promise<Backend> {
  const [other] = localNames.filter((name) => local[name] !== undefined);
  if (other !== undefined) {
    throw badArgument(`connect: ${other}`, "nothing, since a backend is given", local[other]);
  }
  // What plain JavaScript passes may be anything.
  const backend: unknown = isLazy(given) ? await given.open() : given;
  if (!isBackend(backend)) throw badArgument("connect: backend", "a backend", backend);
  return backend;
}

function isLazy(value: unknown): value is LazyBackend {
  return typeof value === "object" && value !== null && "open" in value;
}

function isBackend(value: unknown): value is Backend {
  const parts = ["store", "runs", "sources", "invoker", "clock", "limits"];
  return typeof value === "object" && value !== null && parts.every((part) => part in value);
}
