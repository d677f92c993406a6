import { currentTask } from "../base/current-task.ts";
import { badArgument, LambdaskError } from "../base/errors.ts";
import { isWorkerProcess } from "../base/worker-process.ts";
import { layerOf, unknownSetting } from "./layer.ts";
import { freezeSettings, type Held, inScope, resolve, setting } from "./resolve.ts";
import { isSettingKey } from "./schema.ts";
import type { SettingKey, Settings } from "./settings.ts";

/** Reads settings. */
export interface Config {
  /** The value that holds here: the scope's, else the environment's, the file's or the default. */
  get<K extends SettingKey>(key: K): Held<K>;
  /** All settings that have a value here, in the form that `withConfig` takes. */
  all(): Settings;
  /** Who says the value that holds here: `LAMBDASK_STORE`, a file or scope with the setting's name, or the default. */
  from(key: SettingKey): string;
}

/**
 * The settings that hold where it is asked. A task has none: capture what it needs.
 * @example
 * ```ts
 * console.log(config.get("aws.stack")); // → Lambdask
 * console.log(withConfig({ aws: { stack: "Nightly" } }, () => config.get("aws.stack"))); // → Nightly
 * console.log(config.from("aws.stack"), config.all().inline); // → the default of aws.stack false
 * ```
 */
export const config: Config = {
  get: (key) => setting(known("config.get", key)),
  from: (key) => resolve(known("config.from", key)).where,
  all: () => {
    refuseTasks("config.all");
    const nested: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(freezeSettings())) {
      const [name = "", inner] = key.split(".");
      if (inner === undefined) nested[name] = value;
      else nested[name] = { ...(nested[name] as object | undefined), [inner]: value };
    }
    return nested as Settings; // Each value was checked against the schema, whose keys are those of Settings.
  },
};

/**
 * Calls `call` and gives what it gives. In it, and in what it goes on to do after an `await`, `settings` win over the
 * scopes around it, the environment and `lambdask.config.ts`; options of a call win over them.
 * @example
 * ```ts
 * const root = delayed((n: number) => Math.sqrt(n));
 * const four = await withConfig({ compute: { retries: 2, reuse: true } }, () => root(16).compute());
 * console.log(four); // → 4
 * ```
 */
export function withConfig<T>(settings: Settings, call: () => T): T {
  refuseTasks("withConfig");
  const layer = layerOf("withConfig", settings);
  if (typeof call !== "function") throw badArgument("withConfig", "a function to call", call);
  return inScope(layer, call);
}

function known<K extends SettingKey>(where: string, key: K): K {
  refuseTasks(where);
  // What plain JavaScript passes may be anything.
  if (typeof key !== "string") throw badArgument(where, "the name of a setting", key);
  if (!isSettingKey(key)) throw unknownSetting(where, key);
  return key;
}

/** Where a task runs there may be another environment and no file: what it would read is not what the program reads. */
function refuseTasks(what: string): void {
  if (!currentTask() && !isWorkerProcess()) return;
  throw new LambdaskError("LAZY_MISUSE", {
    message: `${what}: a task has no settings`,
    fix: "read the setting outside and use its value in the function: it travels with it",
  });
}
