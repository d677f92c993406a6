/**
 * Makes delayed values. It runs in workers too, where a task may return delayed work made of functions that were sent
 * along; so it imports nothing of the client, and what needs one is installed from outside.
 */
import { inspect } from "node:util";
import { unreachable } from "../base/assert.ts";
import { LambdaskError } from "../base/errors.ts";
import { argumentOf } from "../code/lazy/argument.ts";
import {
  type CallSettings,
  callNode,
  optionsHere,
  withSettings,
} from "../code/lazy/call-settings.ts";
import { functionLabel } from "../code/lazy/function-label.ts";
import {
  type LazyAction,
  type LazyArgument,
  type LazyNode,
  nodeKey,
  noOptions,
} from "../code/lazy/node.ts";

const lazyKey = Symbol.for("lambdask.lazy");

/** What a delayed value can do in a client. */
export interface DelayedActions {
  parts(node: LazyNode, nout: number | undefined): object;
  compute(lazy: unknown, options: unknown): Promise<unknown>;
  persist(lazy: unknown, options: unknown): Promise<unknown>;
  explain(lazy: unknown, options: unknown): string;
  visualize(lazy: unknown): string;
}

let installed: DelayedActions | undefined;

/** Gives delayed values what they need of a client. */
export function installActions(actions: DelayedActions): void {
  installed = actions;
}

/** A function whose calls are delayed values. */
export function delayedCalls(settings: CallSettings): (...values: unknown[]) => unknown {
  const call = (...values: unknown[]): unknown =>
    lazyValue(callNode(settings, values), settings.nout);
  return withSettings(call, settings);
}

/** The delayed value of what is given. */
export function delayedValue(value: unknown, options: { readonly traverse: boolean }): unknown {
  const argument = argumentOf(value, { where: "delayed", traverse: options.traverse });
  return lazyValue(node({ kind: "value" }, [argument]));
}

function node(action: LazyAction, args: readonly LazyArgument[]): LazyNode {
  return { kind: "node", action, arguments: args, options: optionsHere(noOptions), nonce: "" };
}

interface Target {
  (): undefined;
  readonly [nodeKey]: LazyNode;
  readonly nout: number | undefined;
  readonly release?: () => void;
  [inspect.custom](depth: number, options: unknown): string;
}

/** A delayed value over `of`; `release` is there if its result is kept. */
export function lazyValue(of: LazyNode, nout?: number, release?: () => void): unknown {
  const state = { [nodeKey]: of, nout, [inspect.custom]: () => describe(of), release };
  const target: Target = Object.assign((): undefined => undefined, state) as Target; // Built right above.
  return new Proxy(target, handler);
}

const handler: ProxyHandler<Target> = {
  get: (target, property, self) => {
    if (typeof property === "symbol") return symbolOf(target, property);
    const own = ownMember(target, property, self);
    return own === missing ? lazyValue(attributeNode(target[nodeKey], property)) : own;
  },
  apply: (target, _self, values) => {
    const { action, arguments: args } = target[nodeKey];
    const [object] = args;
    if (action.kind !== "attribute" || typeof action.name !== "string" || !object) {
      throw misuse("a delayed value is no function", "call the function you gave to delayed(…)");
    }
    const method: LazyAction = { kind: "method", name: action.name };
    const where = `.${action.name}`;
    const rest = values.map((value: unknown, argument) => argumentOf(value, { where, argument }));
    return lazyValue(node(method, [object, ...rest]));
  },
  has: (target, property) => {
    if (typeof property === "symbol") return property === lazyKey || Reflect.has(target, property);
    throw misuse(`"${property}" in a delayed value cannot be known before it is computed`);
  },
  set: (_target, property) => {
    throw misuse(
      `a delayed value cannot be changed (setting "${String(property)}")`,
      "do it in a delayed function that gives a new value",
    );
  },
  deleteProperty: () => {
    throw misuse("a delayed value cannot be changed");
  },
  defineProperty: () => {
    throw misuse("a delayed value cannot be changed");
  },
  ownKeys: () => {
    throw misuse("the fields of a delayed value are not known before it is computed");
  },
};

const missing = Symbol("missing");

function symbolOf(target: Target, property: symbol): unknown {
  switch (property) {
    case nodeKey:
    case inspect.custom:
      return Reflect.get(target, property);
    case lazyKey:
      return actions("as an argument of compute").parts(target[nodeKey], target.nout);
    case Symbol.toStringTag:
      return "Delayed";
    case Symbol.dispose:
      return () => target.release?.();
    case Symbol.toPrimitive:
      return () => {
        throw misuse("a delayed value cannot be put into text, compared or calculated with");
      };
    case Symbol.iterator:
      return () => items(target);
    default:
      return undefined;
  }
}

function* items(target: Target): Iterator<unknown> {
  if (target.nout === undefined) {
    throw misuse(
      "a delayed value cannot be iterated: its length is not known before it is computed",
      "say how many values there are with delayed(fn, { nout }), or compute it first",
    );
  }
  for (let i = 0; i < target.nout; i++) yield item(target[nodeKey], i, target.nout);
}

/** Value number `index` of a call that gives `of` values. */
function item(call: LazyNode, index: number, of: number): unknown {
  if (index < of) return lazyValue(node({ kind: "item", index, of }, [call]));
  throw misuse(`there is no value ${index}: nout says that the call gives ${of}`, "count from 0");
}

function ownMember(target: Target, property: string, self: unknown): unknown {
  switch (property) {
    case "then":
      // A lazy value is no promise: `await lazy` gives the lazy value back and starts no work.
      return undefined;
    case "constructor":
      return undefined;
    case "toJSON":
      throw misuse("a delayed value cannot be written as JSON");
    case "compute":
      return (options: unknown) => actions("compute").compute(self, options);
    case "persist":
      return (options: unknown) => actions("persist").persist(self, options);
    case "explain":
      return (options: unknown) => actions("explain").explain(self, options);
    case "visualize":
      return () => actions("visualize").visualize(self);
    case "release":
      return () => target.release?.();
    default:
      return target.nout === undefined ? missing : memberOfList(target, property, target.nout);
  }
}

function memberOfList(target: Target, property: string, nout: number): unknown {
  if (property === "length") return nout;
  const index = indexOf(property);
  return index === undefined ? missing : item(target[nodeKey], index, nout);
}

function attributeNode(of: LazyNode, name: string): LazyNode {
  return node({ kind: "attribute", name: indexOf(name) ?? name }, [of]);
}

/** The number that a property's name is, if it is an index. */
function indexOf(name: string): number | undefined {
  return /^(0|[1-9][0-9]{0,9})$/.test(name) ? Number(name) : undefined;
}

function actions(what: string): DelayedActions {
  if (installed) return installed;
  throw new LambdaskError("LAZY_MISUSE", {
    message: `${what}: a task cannot compute delayed work itself`,
    fix: "return the delayed value: it is computed for you",
  });
}

function misuse(
  message: string,
  fix = "compute it first: await value.compute(), or do it in a delayed function",
): LambdaskError {
  return new LambdaskError("LAZY_MISUSE", { message, fix });
}

function describe(of: LazyNode): string {
  const { action } = of;
  switch (action.kind) {
    case "call":
      return `Delayed <${functionLabel(action.function)}(${of.arguments.length})>`;
    case "method":
      return `Delayed <.${action.name}()>`;
    case "attribute":
      return `Delayed <.${action.name}>`;
    case "item":
      return `Delayed <[${action.index}]>`;
    case "value":
      return "Delayed <value>";
    default:
      return unreachable(action);
  }
}
