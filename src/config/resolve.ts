import { AsyncLocalStorage } from "node:async_hooks";
import { inConfigFile } from "./config-file.ts";
import { checkVariableNames, inEnvironment } from "./environment.ts";
import type { Found, Layer } from "./layer.ts";
import { checkSetting, settingKeys, settingOf } from "./schema.ts";
import type { DefaultedKey, SettingKey, SettingValue } from "./settings.ts";

const scopes = new AsyncLocalStorage<Layer>();

/** Calls `call`, in which `layer` wins over the scopes around it, the environment and the file. */
export function inScope<T>(layer: Layer, call: () => T): T {
  return scopes.run(new Map([...(scopes.getStore() ?? []), ...layer]), call);
}

/** Places that say settings, the nearest first. */
export const places = ["option", "scope", "environment", "file", "default"] as const;

/** A setting's value, and where it was said. */
export interface Resolved extends Found {
  readonly place: (typeof places)[number];
}

/** An option of the call that reads a setting. */
export interface GivenOption {
  /** The call and the option's name: `connect: store`. */
  readonly where: string;
  readonly value: unknown;
}

/** What holds for the setting: `option` if it has a value, else what the nearest place says. */
export function resolve(key: SettingKey, option?: GivenOption): Resolved {
  if (option?.value !== undefined) {
    const value = checkSetting(option.where, key, option.value);
    return { value, where: option.where, place: "option" };
  }
  return said(key, true);
}

/** What the nearest place says of the setting, for whoever has a use for it or only notes it. */
function said(key: SettingKey, used: boolean): Resolved {
  const scoped = scopes.getStore()?.get(key);
  if (scoped) return { ...scoped, place: "scope" };
  const variable = inEnvironment(key, process.env, used);
  if (variable) return { ...variable, place: "environment" };
  const inFile = inConfigFile().get(key);
  if (inFile) return { ...inFile, place: "file" };
  return { value: settingOf(key).default, where: `the default of ${key}`, place: "default" };
}

/** A setting's type; of those without a default also `undefined`. */
export type Held<K extends SettingKey> = K extends DefaultedKey
  ? SettingValue<K>
  : SettingValue<K> | undefined;

/** The value that holds for the setting: `option`'s, else what the nearest place says. */
export function setting<K extends SettingKey>(key: K, option?: GivenOption): Held<K> {
  return resolve(key, option).value as Held<K>; // Every place has checked it against the schema.
}

/** Values by the names of settings, as they held at one time. */
export type FrozenSettings = Readonly<Partial<Record<SettingKey, unknown>>>;

/**
 * All settings that have a value, as they hold now. What is wrong in the environment or the file is an error, but for
 * variables of other tools: these are for whoever uses them.
 */
export function freezeSettings(): FrozenSettings {
  checkVariableNames(process.env);
  const values = settingKeys
    .map((key) => [key, said(key, false).value] as const)
    .filter(([, value]) => value !== undefined);
  return Object.freeze(Object.fromEntries(values));
}
