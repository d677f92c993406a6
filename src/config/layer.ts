import { isPlainRecord, mostSimilar } from "../base/check-options.ts";
import { badArgument, LambdaskError } from "../base/errors.ts";
import { checkSetting, isSettingKey, settingKeys } from "./schema.ts";
import type { SettingKey } from "./settings.ts";

/** A value that somebody set. */
export interface Found {
  readonly value: unknown;
  /** For messages: the variable, or the file or call and the setting's name. */
  readonly where: string;
}

/** The settings that one place says. */
export type Layer = ReadonlyMap<SettingKey, Found>;

/** What `settings` says, each checked; `where` is the call or the file that it comes from. */
export function layerOf(where: string, settings: unknown): Layer {
  if (!isPlainRecord(settings)) throw badArgument(where, "a plain record of settings", settings);
  const layer = new Map<SettingKey, Found>();
  const add = (name: string, value: unknown): void => {
    if (value === undefined) return;
    if (!isSettingKey(name)) throw unknownSetting(where, name);
    const at = `${where}: ${name}`;
    layer.set(name, { value: checkSetting(at, name, value), where: at });
  };
  for (const [name, value] of Object.entries(settings)) {
    const inGroup = settingKeys.some((key) => key.startsWith(`${name}.`));
    if (!inGroup) add(nested(where, name), value);
    else if (isPlainRecord(value)) {
      for (const [inner, item] of Object.entries(value)) add(`${name}.${inner}`, item);
    } else if (value !== undefined) {
      throw badArgument(`${where}: ${name}`, "a plain record of settings", value);
    }
  }
  return layer;
}

/** The name, unless it has a dot: in records, groups are nested. */
function nested(where: string, name: string): string {
  const [group, inner] = name.split(".");
  if (inner === undefined || !isSettingKey(name)) return name;
  throw new LambdaskError("BAD_ARGUMENT", {
    message: `${where}: unknown setting "${name}"`,
    fix: `write it nested: ${group}: { ${inner}: … }`,
    data: { where, setting: name },
  });
}

/** The error about a name that no setting has. */
export function unknownSetting(where: string, name: string): LambdaskError {
  const similar =
    mostSimilar(name, settingKeys) ??
    settingKeys.find((key) => key.split(".").at(-1) === name.split(".").at(-1));
  return new LambdaskError("BAD_ARGUMENT", {
    message: `${where}: unknown setting "${name}"`,
    fix: similar ? `did you mean "${similar}"?` : `use one of: ${settingKeys.join(", ")}`,
    data: { where, setting: name, known: settingKeys },
  });
}
