import type { CodeModule } from "../backend/shipped-function.ts";
import { nameOfBytes } from "../base/content-name.ts";
import { canonicalText } from "./canonical.ts";
import type { CapturedVariables } from "./captured-variables.ts";
import { emit } from "./emit.ts";
import type { EmittedCode, FunctionSite } from "./function-site.ts";
import { importTarget } from "./import-target.ts";
import { functionName } from "./reflection.ts";

/** The code module for a site; the same one for every closure made there. */
export function emittedCode(fn: object, site: FunctionSite, found: CapturedVariables): EmittedCode {
  const { syntax } = site;
  const definition = namesOf(found, true);
  const environment = namesOf(found, false);
  const name = syntax.runsAtOnce ? functionName(fn) : "";
  const key = `${definition.join()}|${environment.join()}|${name}`;
  let emitted = site.emitted.get(key);
  if (!emitted) {
    const module = emit({
      syntax,
      url: site.url,
      start: site.start,
      definition,
      environment,
      name,
      imports: found.imports,
      requires: found.requires,
      viteImports: found.viteImports,
      nameHelper: found.nameHelper,
      baseName: found.baseName,
      map: site.script().map,
    });
    emitted = { module, code: codeIdentity(site, found) };
    imported.set(module, importsOf(site, found));
    site.emitted.set(key, emitted);
  }
  return emitted;
}

/** An import that a code module makes itself. */
export interface ModuleImport {
  /** The variable, or `import()` of the function. */
  readonly name: string;
  readonly identity: string;
}

const imported = new WeakMap<CodeModule, readonly ModuleImport[]>();

/** What `module`, which was emitted here, imports for the function's own use. */
export function importsOfModule(module: CodeModule): readonly ModuleImport[] {
  return imported.get(module) ?? [];
}

function importsOf(site: FunctionSite, found: CapturedVariables): ModuleImport[] {
  const { imports, requires } = site.syntax.free;
  const named = found.imports.map(({ local, identity }) => ({
    name: /^__vi/.test(local) ? "import" : local,
    identity,
  }));
  const called = [...imports, ...requires].map(({ specifier = "" }) => ({
    name: "import()",
    identity: importTarget({ specifier, how: "import" }, site.script().url).identity,
  }));
  return [...named, ...called];
}

function namesOf(found: CapturedVariables, atDefinition: boolean): string[] {
  return found.variables.filter((v) => v.atDefinition === atDefinition).map((v) => v.name);
}

function codeIdentity(site: FunctionSite, found: CapturedVariables): EmittedCode["code"] {
  const replacements = new Map<number, string>();
  for (const { uses, identity } of found.imports) {
    for (const at of uses) replacements.set(at, identity);
  }
  const parts = [canonicalText(site.syntax.node, replacements)];
  const { imports, requires } = site.syntax.free;
  for (const [how, all] of [
    ["import", imports],
    ["require", requires],
  ] as const) {
    for (const { specifier } of all) {
      if (specifier === undefined) continue;
      parts.push(importTarget({ specifier, how }, site.script().url).identity);
    }
  }
  return nameOfBytes(parts.join("\0"));
}
