import util from "node:util";
import { inheritance } from "./reflection.ts";
import type { Refusal } from "./trail.ts";

const { types } = util;

const lazyKey = Symbol.for("lambdask.lazy");
const clientKey = Symbol.for("lambdask.client");

/** Refuses Proxies, before they are touched, and this library's own handles. */
export function handleRefusal(value: object): Refusal | undefined {
  if (types.isProxy(value)) {
    if (isDelayed(value)) return lazyRefusal;
    return {
      problem: "it is a Proxy, whose traps cannot be copied",
      fix: "send the object behind it, or make the Proxy inside the function",
    };
  }
  for (const at of inheritance(value)) {
    if (!types.isProxy(at)) continue;
    return {
      problem: "it inherits from a Proxy, whose traps cannot be copied",
      fix: "let it inherit from the object behind the Proxy, or make it inside the function",
    };
  }
  if (has(value, lazyKey)) return lazyRefusal;
  if (has(value, clientKey)) {
    return {
      problem: "it is the client, which stays in this process",
      fix: "call the client outside of the function and pass what it gives",
    };
  }
  return undefined;
}

const lazyRefusal: Refusal = {
  problem: "it is a lazy value (a Delayed, Future or collection), not the data itself",
  fix: "pass it as an argument of the call instead of capturing it, or compute() it first",
};

/** True for one Proxy only, this library's: others are refused anyway, so their trap may run for once. */
function isDelayed(proxy: object): boolean {
  try {
    return lazyKey in proxy;
  } catch {
    return false;
  }
}

/** Like `key in value`, but no getter runs. */
function has(value: object, key: symbol): boolean {
  for (const at of inheritance(value)) {
    if (Object.getOwnPropertyDescriptor(at, key)) return true;
  }
  return false;
}

const perWorkerFix = "make it inside the worker: const x = perWorker(() => …)";

/** Objects that have a state no property shows. */
export function refusalOf(value: object): Refusal | undefined {
  if (types.isPromise(value)) {
    return {
      problem: "it is a Promise",
      fix: "await it first and capture the result, or pass the Delayed itself as an argument",
    };
  }
  if (types.isWeakMap(value) || types.isWeakSet(value) || value instanceof WeakRef) {
    const kind = types.isWeakMap(value)
      ? "WeakMap"
      : types.isWeakSet(value)
        ? "WeakSet"
        : "WeakRef";
    return {
      problem: `it is a ${kind}, whose content cannot be read`,
      fix: "use a Map or Set, or make it inside the function",
    };
  }
  if (types.isGeneratorObject(value) || isIterator(value)) {
    return {
      problem: "it is a running generator or iterator",
      fix: "capture an array of its items instead: [...it]",
    };
  }
  if (types.isSharedArrayBuffer(value) || isSharedView(value)) {
    return {
      problem: "it is a SharedArrayBuffer, which other processes cannot share",
      fix: "copy it into an ArrayBuffer: buffer.slice().buffer",
    };
  }
  if (types.isArgumentsObject(value)) {
    return {
      problem: "it is an arguments object, which is no array",
      fix: "capture an array instead: [...arguments]",
    };
  }
  if (types.isArrayBuffer(value) && (value.resizable || value.detached)) {
    return {
      problem: `it is ${value.detached ? "an ArrayBuffer that was transferred away" : "a resizable ArrayBuffer"}`,
      fix: "capture a copy of fixed length: buffer.slice()",
    };
  }
  if (types.isModuleNamespaceObject(value)) {
    return {
      problem: "it is a module's namespace that no import statement here names",
      fix: 'import it at the top of the file: import * as x from "…"',
    };
  }
  if (types.isExternal(value)) {
    return { problem: "it is a handle of native code", fix: perWorkerFix };
  }
  return undefined;
}

function isSharedView(value: object): boolean {
  return ArrayBuffer.isView(value) && types.isSharedArrayBuffer(value.buffer);
}

function isIterator(value: object): boolean {
  if (types.isMapIterator(value) || types.isSetIterator(value)) return true;
  for (const at of inheritance(value)) {
    if (at === Iterator.prototype || at === asyncIteratorPrototype) return true;
  }
  return false;
}

const asyncIteratorPrototype: unknown = Object.getPrototypeOf(
  Object.getPrototypeOf(async function* () {}.prototype),
);
