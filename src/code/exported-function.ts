import { pathToFileURL } from "node:url";
import type { FunctionSite, PlainInside } from "./function-site.ts";
import type { ImportedThing } from "./import-index.ts";

/** The script that the process was started with: importing it again would run the program again. */
function isEntry(url: string): boolean {
  const [, started] = process.argv;
  if (started === undefined) return true;
  const entry = pathToFileURL(started).href;
  return url === entry || url.replace(/\.[mc]?[jt]sx?$/, "") === entry;
}

/** Test files run when they are imported, and only a test framework can run them. */
const testFrameworks = /^(node:test|vitest|bun:test|@jest\/globals|.*\/node_modules\/vitest\/.*)$/;

/**
 * The module and name by which a worker can import `site`'s function: it is exported at the top level of a module
 * that is neither the program's entry nor a package's.
 */
export function exportedFunction(
  site: FunctionSite,
  inside: PlainInside,
): ImportedThing | undefined {
  const { url } = site;
  if (!url.startsWith("file:") || url.includes("/node_modules/") || isEntry(url)) return undefined;
  if (site.syntax.kind === "method" || !isTopLevel(inside)) return undefined;
  const script = site.script();
  const name = script.exports.get(script.offsetAt(site.start));
  if (name === undefined) return undefined;
  for (const { specifier } of script.imports.values()) {
    if (testFrameworks.test(specifier)) return undefined;
  }
  const binding = { specifier: url.replace(/[?#].*$/, ""), imported: "*", how: "import" } as const;
  return { binding, url, path: [name] };
}

/** No scope of another function around it: the wrapper that vite or CommonJS put around a module does not count. */
function isTopLevel(inside: PlainInside): boolean {
  const [first, ...others] = inside.scopes.filter((scope) => scope.description !== "Global");
  if (!first || first.description === "Module") return true;
  return others.every((scope) => !scope.description.startsWith("Closure ("));
}
