import type { KernelCall } from "../../backend/kernel.ts";
import type { ShippedFunction } from "../../backend/shipped-function.ts";
import { assert, present, unreachable } from "../../base/assert.ts";
import { LambdaskError, shortly } from "../../base/errors.ts";
import { Batches } from "../../chunk/batches.ts";
import { decodeValue, encodeValue } from "../../chunk/value-codec.ts";
import { argumentOf, holdsLazies } from "../../code/lazy/argument.ts";
import { containerArgument } from "../../code/lazy/container.ts";
import type { CallArgument, GraphCall, GraphTask } from "../../code/lazy/graph-call.ts";
import {
  actionOf,
  isLazyData,
  type LazyData,
  lazyFromData,
  lazyToData,
  toDataKey,
} from "../../code/lazy/lazy-data.ts";
import { type LazyArgument, type LazyNode, noOptions } from "../../code/lazy/node.ts";
import { isThenable, listOf } from "./bag-apply.ts";

/**
 * The kernel of delayed graphs: its inputs are lists of chunks, its index's own data says what to call. A task that
 * reads nothing and whose functions return no promise makes none either.
 */
export function graphKernel(call: KernelCall): unknown {
  const lists = call.arguments.map((argument) => listOf(argument));
  const run = (inputs: readonly unknown[]): unknown =>
    runGraphTask({
      task: call.task.own as GraphTask, // The client wrote it in this form.
      inputs: inputs.map((input) => (isLazyData(input) ? pending(input) : input)),
      functions: call.functions,
      shipped: call.shipped,
      running: call.task,
      results: [],
    });
  if (lists.every((list) => list.length === 0)) return run([]);
  return Promise.all(lists.map((list) => list.all())).then((chunks) => run(chunks.flat(1)));
}

/** The kernel that makes one array of the records of many chunks. */
export async function recordsKernel(call: KernelCall): Promise<unknown[]> {
  const records: unknown[] = [];
  for await (const chunk of listOf(call.arguments[0])) {
    if (chunk instanceof Batches) {
      for await (const batch of chunk) for (const record of batch) records.push(record);
    } else if (Array.isArray(chunk)) for (const record of chunk) records.push(record);
    else records.push(chunk);
  }
  return records;
}

/** What the calls of one task work on. */
interface GraphTaskContext {
  readonly task: GraphTask;
  /** Decoded chunks of all slots, one slot after another. */
  readonly inputs: readonly unknown[];
  readonly functions: readonly ((...values: readonly unknown[]) => unknown)[];
  /** The same functions as they were sent. */
  readonly shipped: readonly ShippedFunction[];
  /** Of the task; its key costs a hash, which few tasks need. */
  readonly running: KernelCall["task"];
  /** Of the calls made so far. */
  readonly results: unknown[];
}

/** A value that is not there yet: what a task returned as lazy work, seen by the calls that take it. */
class Pending {
  readonly argument: LazyArgument;
  constructor(argument: LazyArgument) {
    this.argument = argument;
  }
}

/**
 * Runs the calls of one task of a delayed graph. A call that takes lazy work of another task is not made: it becomes
 * lazy work itself, so that laziness reaches the client, which runs it all.
 */
function runGraphTask(context: GraphTaskContext): unknown {
  const { task, results, running } = context;
  while (results.length < task.length) {
    const call = present(task[results.length], "a call");
    running.startCall(results.length);
    const values = call[2].map((argument) => resolve(argument, context));
    const made = values.some(isPending)
      ? postpone(call, values, context)
      : perform(call, values, context);
    if (isThenable(made)) {
      return Promise.resolve(made).then((value) => {
        results.push(lazily(value, call));
        return runGraphTask(context);
      });
    }
    results.push(lazily(made, call));
  }
  const last = results.at(-1);
  return last instanceof Pending ? { [toDataKey]: () => lazyToData(last.argument) } : last;
}

function pending(data: LazyData): Pending {
  return new Pending(lazyFromData(data));
}

/** A value that `call` gave: `Pending` if there are lazies in it. What was only put together from arguments has none. */
function lazily(value: unknown, call: GraphCall): unknown {
  if (value instanceof Pending || call[0] === "value") return value;
  return holdsLazies(value) ? new Pending(argumentOf(value, { where: "a task's result" })) : value;
}

function isPending(value: unknown): boolean {
  return value instanceof Pending;
}

function perform(call: GraphCall, values: readonly unknown[], context: GraphTaskContext): unknown {
  switch (call[0]) {
    case "call": {
      // Called on its own, so that `this` is undefined there.
      const fn = present(context.functions[call[1]], "a call's function");
      return fn(...values);
    }
    case "method":
      return callMethod(call[1], values);
    case "attribute":
      return readAttribute(call[1], values[0]);
    case "item":
      return takeItem(call[1], values[0]);
    case "value":
      return values[0];
    default:
      return unreachable(call);
  }
}

function takeItem([index, of]: readonly [number, number], list: unknown): unknown {
  if (!Array.isArray(list)) throw notSoMany(`${shortly(list)}, not a list of ${of} values`, of);
  const { length } = list;
  if (length === of) return list[index];
  throw notSoMany(length < of ? `${length} of ${of} values` : `${length} values, not ${of}`, of);
}

function notSoMany(given: string, nout: number): LambdaskError {
  return new LambdaskError("TASK_FAILED", {
    message: `the call gave ${given}`,
    fix: `return an array of ${nout} values, or say another nout`,
  });
}

function callMethod(name: string, [self, ...rest]: readonly unknown[]): unknown {
  const method = readAttribute(name, self);
  if (typeof method !== "function") {
    throw new TypeError(`${shortly(self)} has no method "${name}"`);
  }
  return Reflect.apply(method, self, rest);
}

function readAttribute(name: string | number, self: unknown): unknown {
  if (self === null || self === undefined) {
    throw new TypeError(`Cannot read "${name}" of a delayed value: it is ${self}`);
  }
  return Reflect.get(Object(self), name, self);
}

/** The value of an argument; `Pending` if it, or something in it, is not there yet. */
function resolve(argument: CallArgument, scope: GraphTaskContext): unknown {
  switch (argument[0]) {
    case "data":
      return argument[1];
    case "bytes":
      return decodeValue(argument[1]);
    case "function":
      return scope.functions[argument[1]];
    case "input":
      return scope.inputs[argument[1]];
    case "result":
      return scope.results[argument[1]];
    case "list":
      return rebuild(all(argument[1], scope), argument, (items) => [...items]);
    case "record":
      return rebuild(all(argument[2], scope), argument, (items) => record(argument[1], items));
    case "map":
      return rebuild(
        [...all(argument[1], scope), ...all(argument[2], scope)],
        argument,
        (items) => new Map(argument[1].map((_, i) => [items[i], items[i + argument[1].length]])),
      );
    case "set":
      return rebuild(all(argument[1], scope), argument, (items) => new Set(items));
    default:
      return unreachable(argument);
  }
}

function all(items: readonly CallArgument[], scope: GraphTaskContext): unknown[] {
  return items.map((item) => resolve(item, scope));
}

function record(keys: readonly string[], items: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(keys.map((key, i) => [key, items[i]]));
}

/** The container `make` makes of `items`, or the same container as pending work if one of them is pending. */
function rebuild(
  items: readonly unknown[],
  container: CallArgument,
  make: (items: readonly unknown[]) => unknown,
): unknown {
  if (!items.some(isPending)) return make(items);
  const inner = items.map(asArgument);
  const [kind, first] = container;
  if (kind === "list" || kind === "set")
    return new Pending(containerArgument({ kind, items: inner }));
  if (kind === "record") return new Pending(containerArgument({ kind, keys: first, items: inner }));
  assert(kind === "map", `${kind} is no container`);
  const size = first.length;
  return new Pending(
    containerArgument({ kind, keys: inner.slice(0, size), items: inner.slice(size) }),
  );
}

function asArgument(value: unknown): LazyArgument {
  if (value instanceof Pending) return value.argument;
  return { kind: "bytes", bytes: encodeValue(value) };
}

/** `call` as lazy work on the values that are not there yet. */
function postpone(call: GraphCall, values: readonly unknown[], context: GraphTaskContext): Pending {
  const node: LazyNode = {
    kind: "node",
    action: actionOf(call, context.shipped),
    arguments: values.map(asArgument),
    options: noOptions,
    nonce: call[3] ? context.running.idempotencyKey : "",
  };
  return new Pending(node);
}
