import { checkOptions } from "../base/check-options.ts";
import { badArgument, LambdaskError } from "../base/errors.ts";
import { annotations, workOptions } from "../code/lazy/annotations.ts";
import { argumentOf } from "../code/lazy/argument.ts";
import {
  type CallSettings,
  callAction,
  nextNonce,
  settingsOf,
} from "../code/lazy/call-settings.ts";
import type { LazyArgument, LazyNode, NodeOptions } from "../code/lazy/node.ts";
import { impureNonce } from "../plan/expr.ts";
import type { CallSite } from "./call-site.ts";
import type { Engine } from "./engine.ts";
import { type Future, futuresOf } from "./future.ts";
import { FutureBatch } from "./future-batch.ts";
import { chunkTargets, type FutureTargets, nodeTargets } from "./future-targets.ts";
import { itemCallsExpr } from "./graph/item-calls.ts";
import type { MapOptions } from "./map-options.ts";

/** In the names of all that futures compute: it is of this client's session only. */
const sessionNonce = "session";

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
  return single(engine, nodeOf(settings, args, annotations()), site);
}

/** Calls over many items to begin. */
export interface MappedCalls {
  readonly call: unknown;
  readonly items: Iterable<unknown>;
  readonly options: MapOptions | undefined;
  readonly site: CallSite;
}

const mapOptionNames = ["pure", "retries", "priority", "memory", "timeoutMs"] as const;

/** Begins one call per item, with the item and its index. */
export function mapCalls<T>(engine: Engine, mapped: MappedCalls): Future<T>[] {
  const where = "client.map";
  const { pure, ...work } = checkOptions(where, mapped.options, mapOptionNames);
  if (pure !== undefined && typeof pure !== "boolean") {
    throw badArgument(`${where}: pure`, "true or false", pure);
  }
  const given = callSettingsOf(where, mapped.call);
  const settings = { ...given, pure: pure ?? given.pure };
  const options = { ...annotations(), ...workOptions(where, work) };
  const items: LazyArgument[] = [];
  for (const value of iterable(where, mapped.items)) {
    items.push(argumentOf(value, { where, item: items.length }));
  }
  if (items.length === 0) return [];
  const targets = itemTargets(settings, items, options);
  return futuresOf<T>(new FutureBatch(engine, targets, mapped.site));
}

function itemTargets(
  settings: CallSettings,
  items: readonly LazyArgument[],
  around: NodeOptions,
): FutureTargets {
  const { action, pure } = settings;
  const options = optionsOf(settings, around);
  const nonce = pure ? sessionNonce : impureNonce(nextNonce());
  const expr =
    action.kind === "call"
      ? itemCallsExpr({ function: action.function, items, options, nonce })
      : undefined;
  if (expr !== undefined) return chunkTargets(expr, items.length);
  const nodes = items.map((item, index) =>
    nodeOf(settings, [item, { kind: "data", value: index }], around),
  );
  return nodeTargets(nodes, sessionNonce);
}

/** Puts data into the store. */
export function scatterValue<T>(
  engine: Engine,
  { value, site }: { readonly value: T; readonly site: CallSite },
): Future<T> {
  const argument = argumentOf(value, { where: "client.scatter" });
  const node: LazyNode = {
    kind: "node",
    action: { kind: "value" },
    arguments: [argument],
    options: annotations(),
    nonce: "",
  };
  return single(engine, node, site);
}

/** The results of all futures, in order; rejects with the error of the first in order that has one. */
export async function gatherResults<T>(futures: readonly Future<T>[]): Promise<T[]> {
  const values: T[] = new Array<T>(futures.length);
  const reads: Promise<void>[] = [];
  for (const [i, future] of futures.entries()) {
    // One promise a future would cost more than the calls: only those are awaited that are not there yet.
    if (future.status === "pending") await future.ended();
    const ready = future.valueAtHand();
    if (ready) values[i] = ready.value;
    else {
      const read = future.result().then((value) => {
        values[i] = value;
      });
      // Awaited below, in order; until then it must not pass for unhandled.
      read.catch(() => undefined);
      reads.push(read);
    }
  }
  for (const read of reads) await read;
  return values;
}

function single<T>(engine: Engine, node: LazyNode, site: CallSite): Future<T> {
  const [future] = futuresOf<T>(new FutureBatch(engine, nodeTargets([node], sessionNonce), site));
  if (future) return future;
  throw new LambdaskError("BUG", { message: "internal: a batch of one has no future" });
}

/** The settings of a delayed function, or of a plain one that is captured now. */
function callSettingsOf(where: string, call: unknown): CallSettings {
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

function nodeOf(
  settings: CallSettings,
  args: readonly LazyArgument[],
  around: NodeOptions,
): LazyNode {
  return {
    kind: "node",
    action: settings.action,
    arguments: args,
    options: optionsOf(settings, around),
    nonce: settings.pure ? "" : nextNonce(),
  };
}

function optionsOf({ options }: CallSettings, around: NodeOptions): NodeOptions {
  return options === around ? around : { ...around, ...options };
}

function iterable(where: string, items: unknown): Iterable<unknown> {
  // A delayed list is a function, and cannot be iterated: its length is not known.
  if (typeof items === "object" && items !== null && Symbol.iterator in items) {
    return items as Iterable<unknown>; // What has an iterator can be iterated.
  }
  throw badArgument(`${where}: items`, "something to iterate over", items);
}
