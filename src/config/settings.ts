import type { ByteSize } from "../base/byte-size.ts";
import type { ConnectedClient } from "./connected-client.ts";
import type { ProgressMode } from "./progress-mode.ts";

/**
 * Settings as `lambdask.config.ts` and `withConfig` say them, nested by group; each may be left out. What each means,
 * its limits and its default are in docs/configuration.md.
 */
export interface Settings {
  readonly processes?: number;
  readonly scale?: { readonly min?: number; readonly max?: number };
  readonly memory?: ByteSize;
  readonly store?: string;
  readonly inline?: boolean;
  readonly progress?: ProgressMode;
  readonly allFrames?: boolean;
  readonly setUpWorker?: () => unknown;
  readonly setUpClient?: (client: ConnectedClient) => unknown;
  readonly compute?: {
    readonly retries?: number;
    readonly priority?: number;
    readonly reuse?: boolean;
    readonly rounds?: number;
  };
  readonly aws?: {
    readonly stack?: string;
    readonly region?: string;
    readonly endpoint?: string;
    readonly concurrency?: number;
  };
}

type AnyFunction = (...values: never) => unknown;

type GroupName = {
  [K in keyof Settings]-?: NonNullable<Settings[K]> extends AnyFunction
    ? never
    : NonNullable<Settings[K]> extends object
      ? K
      : never;
}[keyof Settings];

/** The name of a setting: `"store"`, `"aws.stack"`. */
export type SettingKey =
  | Exclude<keyof Settings, GroupName>
  | { [G in GroupName]: `${G}.${keyof NonNullable<Settings[G]> & string}` }[GroupName];

/** What the setting holds when it is set. */
export type SettingValue<K extends SettingKey> = K extends keyof Settings
  ? NonNullable<Settings[K]>
  : K extends `${infer G extends GroupName}.${infer N}`
    ? N extends keyof NonNullable<Settings[G]>
      ? NonNullable<NonNullable<Settings[G]>[N]>
      : never
    : never;

/** Settings with a value for those who say nothing. */
export type DefaultedKey =
  | "store"
  | "inline"
  | "progress"
  | "allFrames"
  | "compute.rounds"
  | "aws.stack";
