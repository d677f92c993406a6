import { currentTask } from "../../base/current-task.ts";
import { annotations } from "./annotations.ts";
import { argumentOf } from "./argument.ts";
import { captureHere } from "./capture-here.ts";
import { type LazyAction, type LazyNode, type NodeOptions, noOptions } from "./node.ts";

/** What a delayed function does at each call. */
export interface CallSettings {
  readonly action: LazyAction;
  readonly options: NodeOptions;
  readonly pure: boolean;
  readonly nout: number | undefined;
  /** Arguments are searched for lazies inside containers. */
  readonly traverse: boolean;
}

const settingsKey: unique symbol = Symbol.for("lambdask.delayed");

/** Notes on `call`, a function that makes delayed calls, what it does. */
export function withSettings<F extends object>(call: F, settings: CallSettings): F {
  return Object.defineProperty(call, settingsKey, { value: settings });
}

/** What a delayed function does; `undefined` for anything else. */
export function settingsOf(call: unknown): CallSettings | undefined {
  if (typeof call !== "function" || !(settingsKey in call)) return undefined;
  return call[settingsKey] as CallSettings; // Only `withSettings` sets it.
}

/** Captures `call`, as it is now, for calls on workers; `recreate` as `CaptureOptions` has it. */
export function callAction(call: unknown, where: string, recreate = false): LazyAction {
  return { kind: "call", function: captureHere(call, where, recreate) };
}

/** The node of one call on `values`. */
export function callNode(settings: CallSettings, values: readonly unknown[]): LazyNode {
  const { action, pure, traverse } = settings;
  const where = action.kind === "call" ? action.function.name || "delayed" : "delayed";
  return {
    kind: "node",
    action,
    arguments: values.map((value, argument) => argumentOf(value, { where, argument, traverse })),
    options: optionsHere(settings.options),
    nonce: pure ? "" : nextNonce(),
  };
}

const merged = new WeakMap<NodeOptions, WeakMap<NodeOptions, NodeOptions>>();

/** `own` over what `annotate` says here: one object for all calls made under the same circumstances. */
export function optionsHere(own: NodeOptions): NodeOptions {
  const around = annotations();
  if (around === noOptions) return own;
  if (own === noOptions) return around;
  let byAround = merged.get(own);
  if (!byAround) {
    byAround = new WeakMap();
    merged.set(own, byAround);
  }
  let both = byAround.get(around);
  if (!both) {
    both = { ...around, ...own };
    byAround.set(around, both);
  }
  return both;
}

let impureCalls = 0;

/** Differs for every impure call of a program, and is the same when the program runs again. */
export function nextNonce(): string {
  impureCalls += 1;
  const task = currentTask();
  return task ? `${task.idempotencyKey}/${impureCalls}` : String(impureCalls);
}
