import { createRequire } from "node:module";
import { isBundled } from "./bundle/bundle-format.ts";
import { exportedByBundle } from "./bundle/open-bundle.ts";
import { exportedValue } from "./exported-value.ts";
import { filePath, isEntry, isPackageFile, withoutQuery } from "./file-origin.ts";
import type { FunctionSite, PlainInside } from "./function-site.ts";
import type { ImportedThing } from "./imported-thing.ts";

/** Test files run when they are imported, and only a test framework can run them. */
const testFrameworks = /^(node:test|vitest|bun:test|@jest\/globals|.*\/node_modules\/vitest\/.*)$/;

/**
 * The module and name by which a worker can import `fn`: it is exported at the top level of a module other than the
 * program's entry, or by a package.
 */
export function exportedFunction(
  fn: object,
  site: FunctionSite,
  inside: PlainInside,
): ImportedThing | undefined {
  const { url } = site;
  // What was captured before has the URL of its file, but may be of the program's entry.
  if (!url.startsWith("file:") || isEntry(url) || site.isCaptured) return undefined;
  if (isBundled(url)) return exportedByBundle(fn, url);
  const isPackage = isPackageFile(url);
  const named =
    site.syntax.kind !== "method" && isTopLevel(inside) ? exportedName(site) : undefined;
  if (named !== undefined && (isPackage || !isTest(site))) {
    const binding = { specifier: withoutQuery(url), imported: "*", how: "import" } as const;
    return { binding, url, path: [named] };
  }
  const exported = exportedByRequire(fn, url);
  return exported !== undefined && (isPackage || !isTest(site)) ? exported : undefined;
}

function exportedName(site: FunctionSite): string | undefined {
  const script = site.script();
  return script.exports.get(script.offsetAt(site.start));
}

function isTest(site: FunctionSite): boolean {
  for (const { specifier } of site.script().imports.values()) {
    if (testFrameworks.test(specifier)) return true;
  }
  return false;
}

/** A function of a CommonJS module is found among the exports of the file that it is written in. */
function exportedByRequire(fn: object, url: string): ImportedThing | undefined {
  const require = createRequire(import.meta.url);
  const file = filePath(url);
  const found: unknown = require.cache[file]?.exports;
  if ((typeof found !== "object" && typeof found !== "function") || found === null)
    return undefined;
  const binding = { specifier: file, imported: "*", how: "require" } as const;
  if (found === fn) return { binding, url, path: [] };
  for (const key of Object.keys(found)) {
    if (exportOf(found, key) === fn) return { binding, url, path: [key] };
  }
  return undefined;
}

/** An export that has no value yet counts as absent. */
function exportOf(exports: object, key: string): unknown {
  try {
    return exportedValue(exports, key);
  } catch {
    return undefined;
  }
}

/** No scope of another function around it: the wrapper that vite or CommonJS put around a module does not count. */
function isTopLevel(inside: PlainInside): boolean {
  const [first, ...others] = inside.scopes.filter((scope) => scope.description !== "Global");
  if (!first || first.description === "Module") return true;
  return others.every((scope) => !scope.description.startsWith("Closure ("));
}
