import { mismatch } from "./mismatch.ts";
import { prototypeOf } from "./reflection.ts";

/** One step from an object to something on it; getters are taken as functions, never run. */
export type BuiltInStep =
  | string
  | { readonly wellKnown: string }
  | { readonly get: string | { readonly wellKnown: string } }
  | { readonly set: string | { readonly wellKnown: string } }
  | { readonly up: 1 };

/** Where a built-in is: `["global"]`, `["node:fs"]` or `["generator"]`, then steps. */
export type BuiltInPath = readonly [root: string, ...steps: BuiltInStep[]];

/** Objects that no global name reaches, by the name that paths start with. */
export const hiddenRoots: ReadonlyMap<string, object> = new Map<string, object>([
  ["generator", function* () {}],
  ["async", async () => {}],
  ["async-generator", async function* () {}],
  ["array-iterator", [][Symbol.iterator]()],
  ["map-iterator", new Map().entries()],
  ["set-iterator", new Set().values()],
  ["string-iterator", ""[Symbol.iterator]()],
  ["regexp-iterator", "".matchAll(/x/g)],
]);

/** Names of the global variables that Node adds to those of the language. */
export const nodeGlobals: ReadonlySet<string> = new Set(
  `global process Buffer URL URLSearchParams console performance fetch crypto navigator
structuredClone queueMicrotask setTimeout clearTimeout setInterval clearInterval setImmediate
clearImmediate atob btoa TextEncoder TextDecoder AbortController AbortSignal Event EventTarget
CustomEvent MessageChannel MessagePort MessageEvent Blob File FormData Headers Request Response
ReadableStream WritableStream TransformStream CompressionStream DecompressionStream WebSocket
WebAssembly DOMException BroadcastChannel Performance PerformanceEntry CryptoKey Crypto
SubtleCrypto Navigator Storage TextDecoderStream TextEncoderStream ByteLengthQueuingStrategy
CountQueuingStrategy EventSource CloseEvent URLPattern ReadableStreamDefaultReader globalThis
undefined`.split(/\s+/),
);

/** What `path` leads to in this process; MISMATCH if it leads nowhere. Runs no getter and evaluates no text. */
export function resolveBuiltIn(path: BuiltInPath): unknown {
  const [root, ...steps] = path;
  let here: unknown = rootObject(root);
  for (const step of steps) here = follow(here, step);
  if (here === undefined) throw unknownBuiltIn(path);
  return here;
}

function rootObject(root: string): unknown {
  if (root === "global") return globalThis;
  if (root.startsWith("node:")) return process.getBuiltinModule(root);
  return hiddenRoots.get(root);
}

function follow(from: unknown, step: BuiltInStep): unknown {
  if ((typeof from !== "object" && typeof from !== "function") || from === null) return undefined;
  if (typeof step === "string" || "wellKnown" in step) return own(from, step)?.value;
  if ("get" in step) return own(from, step.get)?.get;
  if ("set" in step) return own(from, step.set)?.set;
  return prototypeOf(from);
}

function own(
  from: object,
  key: string | { readonly wellKnown: string },
): PropertyDescriptor | undefined {
  const descriptor = Object.getOwnPropertyDescriptor(
    from,
    typeof key === "string" ? key : wellKnownSymbol(key.wellKnown),
  );
  // Many of Node's globals are getters of its own, which load them.
  if (from === globalThis && typeof key === "string" && descriptor?.get && nodeGlobals.has(key)) {
    return { value: Reflect.get(globalThis, key) as unknown };
  }
  return descriptor;
}

/** `Symbol.iterator` for `"iterator"`. */
export function wellKnownSymbol(name: string): symbol {
  const symbol: unknown = Reflect.get(Symbol, name);
  if (typeof symbol !== "symbol") throw mismatch(`no symbol Symbol.${name} here`);
  return symbol;
}

function unknownBuiltIn(path: BuiltInPath): Error {
  return mismatch(`this Node has no built-in ${JSON.stringify(path)}`);
}
