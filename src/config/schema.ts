import { LambdaskError, shortly } from "../base/errors.ts";
import {
  booleans,
  byteSizes,
  finiteNumbers,
  functions,
  type Kind,
  oneOf,
  texts,
  webAddresses,
  wholeNumbers,
} from "./kinds.ts";
import { progressModes } from "./progress-mode.ts";
import type { DefaultedKey, SettingKey, SettingValue } from "./settings.ts";

/** One setting. */
export interface Setting<T> {
  readonly kind: Kind<T>;
  /** What it decides. */
  readonly what: string;
  readonly default?: T;
  /** In place of a default that is a value: where it comes from. */
  readonly otherwise?: string;
  /** The calls that read it. */
  readonly readBy: string;
  /** A variable of other tools that says the same; the setting's own wins. */
  readonly alsoVariable?: string;
}

type Schema = {
  readonly [K in SettingKey]: Setting<SettingValue<K>> &
    (K extends DefaultedKey ? { readonly default: SettingValue<K> } : { readonly default?: never });
};

/** All settings. Names, checks, variables and documents follow from here. */
export const schema: Schema = {
  processes: {
    kind: wholeNumbers(1, 1024),
    what: "worker processes on this machine",
    otherwise: "one per core",
    readBy: "connect",
  },
  "scale.min": {
    kind: wholeNumbers(1, 4096),
    what: "in place of `processes`, the fewest workers: their number shrinks without work",
    otherwise: "1 if `scale.max` is set",
    readBy: "connect",
  },
  "scale.max": {
    kind: wholeNumbers(1, 4096),
    what: "in place of `processes`, the most workers: their number grows with the work",
    otherwise: "one per core if `scale.min` is set",
    readBy: "connect",
  },
  memory: {
    kind: byteSizes,
    what: "memory of all worker processes together, at least 128 MiB each",
    otherwise: "70 % of this machine's, or of the container's",
    readBy: "connect",
  },
  store: {
    kind: texts("the path of a folder"),
    what: "folder of this machine for chunks and run records; from the working directory if it is relative",
    default: ".lambdask",
    readBy: "connect, awsBackend",
  },
  inline: {
    kind: booleans,
    what: "run everything in this process, for debugging; chunks stay in memory unless the same call or scope gives `store`",
    default: false,
    readBy: "connect",
  },
  progress: {
    kind: oneOf(progressModes),
    what: "what is shown on stderr of runs over half a second; `--progress=` of the program wins over all",
    default: "auto",
    readBy: "connect",
  },
  allFrames: {
    kind: booleans,
    what: "show this library's own frames in the stacks of failed tasks too",
    default: false,
    readBy: "failed tasks",
  },
  setUpWorker: {
    kind: functions(),
    what: "called in each worker before its first task for the client; changing it changes the names of results",
    otherwise: "nothing is called",
    readBy: "connect",
  },
  setUpClient: {
    kind: functions(),
    what: "called with each client before `connect` gives it",
    otherwise: "nothing is called",
    readBy: "connect",
  },
  "compute.retries": {
    kind: wholeNumbers(0, 1000),
    what: "extra attempts after a function has thrown, for work that says nothing of its own",
    otherwise: "0",
    readBy: "compute, persist",
  },
  "compute.priority": {
    kind: finiteNumbers,
    what: "higher runs first, where several computations run at once",
    otherwise: "0",
    readBy: "compute, persist",
  },
  "compute.reuse": {
    kind: booleans,
    what: "keep all results of pure work in the store, and use those that are there",
    otherwise: "`false`",
    readBy: "compute, persist",
  },
  "compute.rounds": {
    kind: wholeNumbers(1, 1_000_000),
    what: "times that tasks may return delayed work in place of a value, one after another: more is taken for an endless recursion",
    default: 1000,
    readBy: "compute, persist, futures",
  },
  "aws.stack": {
    kind: texts("the name of a stack"),
    what: "the deployed stack that runs the work",
    default: "Lambdask",
    readBy: "awsBackend, `lambdask` on the command line",
  },
  "aws.region": {
    kind: texts("the name of a region"),
    what: "where the stack is",
    otherwise: "as for any AWS tool",
    readBy: "awsBackend, `lambdask` on the command line",
  },
  "aws.endpoint": {
    kind: webAddresses,
    what: "of an emulator of AWS",
    otherwise: "AWS itself",
    readBy: "awsBackend, `lambdask` on the command line",
    alsoVariable: "AWS_ENDPOINT_URL",
  },
  "aws.concurrency": {
    kind: wholeNumbers(1, 10_000),
    what: "functions running at once",
    otherwise: "what is reserved for the function, else 250",
    readBy: "awsBackend",
  },
};

/** The settings' names, in the order of the documents. */
export const settingKeys = Object.keys(schema) as readonly SettingKey[]; // Its type has no others.

/** True if there is a setting of that name. */
export function isSettingKey(name: string): name is SettingKey {
  return Object.hasOwn(schema, name);
}

/** The setting, whatever it holds. */
export function settingOf(key: SettingKey): Setting<unknown> {
  return schema[key] as Setting<unknown>; // What it accepts is asked of values of any type.
}

/** `value`, if the setting may hold it; else a BAD_ARGUMENT error that says where it came from and the rule. */
export function checkSetting<K extends SettingKey>(
  where: string,
  key: K,
  value: unknown,
): SettingValue<K> {
  const { kind } = settingOf(key);
  if (kind.accepts(value)) return value as SettingValue<K>; // The schema's type pairs key and kind.
  throw refused(where, key, value);
}

/** The error about a value that the setting may not hold. */
export function refused(where: string, key: SettingKey, value: unknown): LambdaskError {
  const { rule } = settingOf(key).kind;
  return new LambdaskError("BAD_ARGUMENT", {
    message: `${where}: expected ${rule}, got ${shortly(value)}`,
    data: { where, expected: rule, setting: key },
  });
}
