import { builtinModules } from "node:module";
import vm from "node:vm";
import { type BuiltInPath, type BuiltInStep, hiddenRoots, nodeGlobals } from "./built-in-path.ts";
import { inheritance, prototypeOf } from "./reflection.ts";

let names: ReadonlySet<string> | undefined;

/** Names of global variables that every worker has too: those of the language and of Node. */
export function knownGlobals(): ReadonlySet<string> {
  names ??= new Set([
    ...(vm.runInNewContext("Object.getOwnPropertyNames(globalThis)") as string[]),
    ...nodeGlobals,
  ]);
  return names;
}

/**
 * Built-in objects by identity. Globals are found at once; the exports of Node's modules only when something that
 * may be one of them is asked for, because their table is ten times as costly.
 */
const paths = new Map<object, BuiltInPath>();
let modulesSeen = 0;

/** Globals behind getters that every process has used already; reading others loads more of Node. */
const loadedGlobals = new Set([
  "process",
  "Buffer",
  "performance",
  "AbortController",
  "AbortSignal",
]);

/** Where `value` is, if it is a global or belongs to one. */
export function globalPath(value: object): BuiltInPath | undefined {
  if (paths.size === 0) addGlobals();
  return paths.get(value);
}

/** Where `value` is, if it is a built-in of any kind, an export of a loaded Node module included. */
export function builtInPath(value: object): BuiltInPath | undefined {
  const found = globalPath(value);
  if (found) return found;
  const loaded = (process as unknown as { moduleLoadList: readonly string[] }).moduleLoadList;
  if (loaded.length === modulesSeen) return undefined;
  const prefix = "NativeModule ";
  const ids = new Set(
    loaded.filter((l) => l.startsWith(prefix)).map((l) => l.slice(prefix.length)),
  );
  for (const id of builtinModules) {
    // Nothing is loaded just for this table.
    if (id.startsWith("_") || !ids.has(id.replace(/^node:/, ""))) continue;
    addModule(id.startsWith("node:") ? id : `node:${id}`);
  }
  for (const name of nodeGlobals) {
    const isLazy = Object.getOwnPropertyDescriptor(globalThis, name)?.get !== undefined;
    if (isLazy && !loadedGlobals.has(name)) add(Reflect.get(globalThis, name), ["global", name], 2);
  }
  modulesSeen = loaded.length;
  return paths.get(value);
}

function addGlobals(): void {
  add(globalThis, ["global"], 0);
  for (const name of [
    "Object",
    "Function",
    "Array",
    "Math",
    "JSON",
    "Reflect",
    ...knownGlobals(),
  ]) {
    if (name === "globalThis" || name === "global") continue;
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
    if (!descriptor) continue;
    if ("value" in descriptor) add(descriptor.value, ["global", name], 3);
    else if (loadedGlobals.has(name)) add(Reflect.get(globalThis, name), ["global", name], 3);
  }
  add(prototypeOf(Int8Array), ["global", "Int8Array", { up: 1 }], 3);
  // The worker's own: copies of the environment would put its secrets in the store.
  add(process.env, ["global", "process", "env"], 0);
  for (const [name, value] of hiddenRoots) {
    let path: BuiltInPath = [name];
    for (const at of inheritance(prototypeOf(value))) {
      path = [...path, { up: 1 }];
      add(at, path, 2);
    }
  }
}

function add(value: unknown, path: BuiltInPath, depth: number): void {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return;
  if (paths.has(value)) return;
  paths.set(value, path);
  if (depth <= 0) return;
  for (const key of Reflect.ownKeys(value)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(value, key);
    const step = stepOf(key);
    if (!descriptor || step === undefined) continue;
    const { get, set } = descriptor;
    const held: unknown = descriptor.value;
    if (typeof held === "function" || key === "prototype") add(held, [...path, step], depth - 1);
    if (get) add(get, [...path, { get: step }], 0);
    if (set) add(set, [...path, { set: step }], 0);
  }
}

function stepOf(key: string | symbol): string | { wellKnown: string } | undefined {
  if (typeof key === "string") return key;
  const name = wellKnownName(key);
  return name === undefined ? undefined : { wellKnown: name };
}

/** `"iterator"` for `Symbol.iterator`. */
export function wellKnownName(symbol: symbol): string | undefined {
  const name = symbol.description?.startsWith("Symbol.") ? symbol.description.slice(7) : "";
  return name !== "" && Reflect.get(Symbol, name) === symbol ? name : undefined;
}

function addModule(id: string): void {
  const module: unknown = process.getBuiltinModule(id);
  if ((typeof module !== "object" && typeof module !== "function") || module === null) return;
  if (!paths.has(module)) paths.set(module, [id]);
  addMembers(module, [id], 2);
}

/** Functions with their prototypes, and one level of objects such as `fs.promises`. */
function addMembers(owner: object, path: BuiltInPath, depth: number): void {
  for (const key of Object.keys(owner)) {
    const value: unknown = Object.getOwnPropertyDescriptor(owner, key)?.value;
    if ((typeof value !== "object" && typeof value !== "function") || value === null) continue;
    if (paths.has(value)) continue;
    const here: BuiltInPath = [...path, key as BuiltInStep];
    paths.set(value, here);
    if (typeof value === "function") {
      const prototype: unknown = Object.getOwnPropertyDescriptor(value, "prototype")?.value;
      if (typeof prototype === "object" && prototype !== null && !paths.has(prototype)) {
        paths.set(prototype, [...here, "prototype"]);
      }
    } else if (depth > 1) addMembers(value, here, depth - 1);
  }
}
