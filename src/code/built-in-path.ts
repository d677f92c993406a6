import { mismatch } from "./mismatch.ts";

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
  return Object.getPrototypeOf(from);
}

function own(
  from: object,
  key: string | { readonly wellKnown: string },
): PropertyDescriptor | undefined {
  const descriptor = Object.getOwnPropertyDescriptor(
    from,
    typeof key === "string" ? key : wellKnownSymbol(key.wellKnown),
  );
  // A few globals (crypto, navigator) are getters of the runtime itself.
  if (from === globalThis && typeof key === "string" && descriptor?.get && lazyGlobals.has(key)) {
    return { value: Reflect.get(globalThis, key) };
  }
  return descriptor;
}

/** Globals that Node makes when they are first read. */
export const lazyGlobals: ReadonlySet<string> = new Set(["crypto", "navigator", "performance"]);

/** `Symbol.iterator` for `"iterator"`. */
export function wellKnownSymbol(name: string): symbol {
  const symbol: unknown = Reflect.get(Symbol, name);
  if (typeof symbol !== "symbol") throw mismatch(`no symbol Symbol.${name} here`);
  return symbol;
}

function unknownBuiltIn(path: BuiltInPath): Error {
  return mismatch(`this Node has no built-in ${JSON.stringify(path)}`);
}
