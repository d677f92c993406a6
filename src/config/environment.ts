import { mostSimilar } from "../base/check-options.ts";
import { LambdaskError } from "../base/errors.ts";
import type { Found } from "./layer.ts";
import { refused, settingKeys, settingOf } from "./schema.ts";
import type { SettingKey } from "./settings.ts";

/** Variables, by name. */
type Environment = Readonly<Record<string, string | undefined>>;

const prefix = "LAMBDASK_";
/** The variable that names the configuration file. */
export const fileVariable = "LAMBDASK_CONFIG";
/** Names with the prefix that are no settings: of workers on Lambda, of benchmarks, and of tests. */
const others = /^LAMBDASK_(?:BUCKET|RUNTIME_CLIENT|PEERS|TEST_.*)$/;

/** The variable of a setting: `LAMBDASK_AWS__STACK` for `aws.stack`. */
export function variableOf(key: SettingKey): string {
  const words = key.replaceAll(/[A-Z]/g, "_$&").replaceAll(".", "__");
  return prefix + words.toUpperCase();
}

const variables: ReadonlyMap<SettingKey, readonly string[]> = new Map(
  settingKeys.map((key) => {
    const { alsoVariable } = settingOf(key);
    return [key, [variableOf(key), ...(alsoVariable === undefined ? [] : [alsoVariable])]];
  }),
);

/**
 * What the environment says of the setting; an empty variable says nothing. A variable that is not ours is no setting
 * of a program that has no use for it: unless it is `used`, it gives no value if it holds none.
 */
export function inEnvironment(
  key: SettingKey,
  environment: Environment,
  used = true,
): Found | undefined {
  for (const variable of variables.get(key) ?? []) {
    const text = environment[variable];
    if (text === undefined || text === "") continue;
    const { kind } = settingOf(key);
    if (kind.fromText === undefined) throw noText(variable, key);
    const value = kind.fromText(text);
    if (kind.accepts(value)) return { value, where: variable };
    if (used || variable === variableOf(key)) throw refused(variable, key, text);
    return { value: undefined, where: variable };
  }
  return undefined;
}

function noText(variable: string, key: SettingKey): LambdaskError {
  const { rule } = settingOf(key).kind;
  return new LambdaskError("BAD_ARGUMENT", {
    message: `${variable}: a variable holds text, and ${key} is ${rule}`,
    fix: `unset it, and say ${key} in lambdask.config.ts or where you call connect`,
    data: { where: variable, expected: rule, setting: key },
  });
}

/** Refuses variables that look like settings and are none. */
export function checkVariableNames(environment: Environment): void {
  const known = [...settingKeys.map(variableOf), fileVariable];
  for (const name of Object.keys(environment)) {
    if (!name.startsWith(prefix) || known.includes(name) || others.test(name)) continue;
    if (environment[name] === "") continue;
    const similar = mostSimilar(name, known);
    throw new LambdaskError("BAD_ARGUMENT", {
      message: `environment: ${name} is no setting; names that begin with ${prefix} are`,
      fix: similar ? `did you mean ${similar}?` : "unset it, or give it another name",
      data: { where: name, known },
    });
  }
}
