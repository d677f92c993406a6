import { createRequire } from "node:module";
import util from "node:util";
import { exportedValue } from "./exported-value.ts";
import { withoutQuery } from "./file-origin.ts";
import { viteFile } from "./import-target.ts";
import type { ImportedThing } from "./imported-thing.ts";
import type { FunctionScope } from "./inspect.ts";
import type { ImportBinding } from "./module-bindings.ts";
import { isObject } from "./reflection.ts";
import type { Script } from "./scripts.ts";

/** What the user's modules import, by identity: another name for an imported thing is the same thing. */
const things = new WeakMap<object, ImportedThing>();
const indexed = new Set<Script>();

/** The import that `value` is, or is a member of. */
export function importedThing(value: object): ImportedThing | undefined {
  return things.get(value);
}

/** Learns what the imports of `script` hold, from the scopes of one of its functions. */
export function indexImports(script: Script, scopes: readonly FunctionScope[]): void {
  if (indexed.has(script)) return;
  indexed.add(script);
  for (const [local, binding] of script.imports) {
    if (binding.specifier.startsWith("node:")) continue;
    const path = binding.imported === "*" ? [] : [binding.imported];
    const scope = scopes.find((s) => s.description !== "Global" && Object.hasOwn(s.object, local));
    const held = scope && memberOf(scope.object, local);
    const value = scope && !util.types.isProxy(held) ? held : loadedModule(binding, script.url);
    add(value, { binding, url: script.url, path }, 2);
  }
}

/**
 * vite's imports are local variables, which no scope shows unless a function uses them, and may be Proxies. What they
 * stand for was loaded by Node, which gives it again.
 */
function loadedModule({ how, specifier }: ImportBinding, url: string): unknown {
  if (how === "require") return requiredModule(specifier, url);
  if (how !== "vite" || !specifier.includes("/node_modules/")) return undefined;
  const file = viteFile(specifier);
  try {
    return file === undefined ? undefined : createRequire(import.meta.url)(file);
  } catch {
    return undefined;
  }
}

/** What `require` gave the module at `url`: a variable that no function uses is in no scope. */
function requiredModule(specifier: string, url: string): unknown {
  try {
    const require = createRequire(withoutQuery(url));
    return require.cache[require.resolve(specifier)]?.exports;
  } catch {
    return undefined;
  }
}

function add(value: unknown, thing: ImportedThing, depth: number): void {
  if (!isObject(value) || util.types.isProxy(value)) return;
  if (!things.has(value)) things.set(value, thing);
  if (depth === 0) return;
  if (typeof value === "function") {
    const prototype = memberOf(value, "prototype");
    if (isObject(prototype) && !things.has(prototype)) {
      things.set(prototype, { ...thing, path: [...thing.path, "prototype"] });
    }
  }
  for (const key of Object.keys(value)) {
    const member = memberOf(value, key);
    if (!isObject(member) || (depth === 1 && typeof member !== "function")) continue;
    const below = key === "default" && thing.path.length === 0;
    add(member, { ...thing, path: [...thing.path, key] }, below ? 1 : 0);
  }
}

/** A data property; a namespace's export that has no value yet counts as absent. No getter of the user's runs. */
function memberOf(object: object, key: string): unknown {
  try {
    if (util.types.isModuleNamespaceObject(object)) return Reflect.get(object, key);
    return exportedValue(object, key);
  } catch {
    return undefined;
  }
}
