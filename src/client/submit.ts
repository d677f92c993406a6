import { annotations } from "../code/lazy/annotations.ts";
import { argumentOf } from "../code/lazy/argument.ts";
import {
  type CallSettings,
  callAction,
  nextNonce,
  settingsOf,
} from "../code/lazy/call-settings.ts";
import type { LazyArgument, LazyNode } from "../code/lazy/node.ts";
import type { CallSite } from "./call-site.ts";
import type { Engine } from "./engine.ts";
import { type Future, onlyFuture } from "./future.ts";
import { FutureBatch } from "./future-batch.ts";
import { callTargets } from "./future-targets.ts";

/** In the names of all that futures compute: it is of this client's session only. */
export const sessionNonce = "session";

/** One call to begin. */
export interface SubmittedCall {
  readonly call: unknown;
  readonly values: readonly unknown[];
  readonly site: CallSite;
}

/** Begins one call. */
export function submitCall<T>(engine: Engine, { call, values, site }: SubmittedCall): Future<T> {
  const settings = callSettingsOf("client.submit", call);
  const args = values.map((value, argument) =>
    argumentOf(value, { where: "client.submit", argument }),
  );
  const around = { ...annotations(), ...settings.options };
  const node = nodeOf({ ...settings, options: around }, args);
  return onlyFuture(new FutureBatch(engine, callTargets(node, sessionNonce), site));
}

/** The settings of a delayed function, or of a plain one that is captured now. */
export function callSettingsOf(where: string, call: unknown): CallSettings {
  const known = settingsOf(call);
  if (known) return known;
  return {
    action: callAction(call, where),
    options: {},
    pure: true,
    nout: undefined,
    traverse: true,
  };
}

/** One call of a function. */
export function nodeOf(settings: CallSettings, args: readonly LazyArgument[]): LazyNode {
  return {
    kind: "node",
    action: settings.action,
    arguments: args,
    options: settings.options,
    nonce: settings.pure ? "" : nextNonce(),
  };
}
