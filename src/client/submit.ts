import { argumentOf } from "../code/lazy/argument.ts";
import {
  type CallSettings,
  callAction,
  nextNonce,
  optionsHere,
  settingsOf,
} from "../code/lazy/call-settings.ts";
import { type LazyArgument, type LazyNode, noOptions } from "../code/lazy/node.ts";
import type { CallSite } from "./call-site.ts";
import type { Future } from "./future.ts";
import type { SubmittedCalls } from "./submitted-calls.ts";

/** One call to begin. */
export interface SubmittedCall {
  readonly call: unknown;
  readonly values: readonly unknown[];
  readonly site: CallSite;
}

/** Submits one call: it begins with the others of this turn. */
export function submitCall<T>(
  calls: SubmittedCalls,
  { call, values, site }: SubmittedCall,
): Future<T> {
  const settings = callSettingsOf("client.submit", call);
  const args = values.map((value, argument) =>
    argumentOf(value, { where: "client.submit", argument }),
  );
  const node = nodeOf({ ...settings, options: optionsHere(settings.options) }, args);
  return calls.add({ node, site });
}

/** The settings of a delayed function, or of a plain one that is captured now. */
export function callSettingsOf(where: string, call: unknown): CallSettings {
  const known = settingsOf(call);
  if (known) return known;
  return {
    action: callAction(call, where),
    options: noOptions,
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
