import { knownGlobals } from "./built-ins.ts";
import type { EmittedImport } from "./emit.ts";
import type { FreeVariable } from "./free-variables.ts";
import type { FunctionSite, PlainInside } from "./function-site.ts";
import { indexImports } from "./import-index.ts";
import { importTarget } from "./import-target.ts";
import type { FunctionScope } from "./inspect.ts";
import type { ImportBinding } from "./module-bindings.ts";
import { prototypeOf } from "./reflection.ts";
import type { Refusal } from "./trail.ts";

/** A variable whose value travels with the function. */
export interface CapturedVariable {
  readonly name: string;
  readonly value: unknown;
  readonly at: number;
  /** Needed while the class is defined. */
  readonly atDefinition: boolean;
  /** For a variable of the module: its scope and those around it. */
  readonly moduleScopes?: readonly FunctionScope[];
}

/** An import of the function's module that the function uses. */
interface CapturedImport extends EmittedImport {
  readonly identity: string;
  readonly uses: readonly number[];
}

/** The free variables of one function, sorted by what becomes of them. */
export interface CapturedVariables {
  readonly variables: CapturedVariable[];
  readonly imports: CapturedImport[];
  readonly viteImports: Map<string, string>;
  requires: boolean;
  nameHelper: boolean;
  baseName: string | undefined;
}

/** Thrown to the walk, which knows the trail. */
export class VariableRefusal extends Error {
  readonly refusal: Refusal;
  readonly variable: string;
  constructor(variable: string, refusal: Refusal) {
    super(refusal.problem);
    this.variable = variable;
    this.refusal = refusal;
  }
}

/** Finds a value for every free variable of `fn`, or throws a VariableRefusal. */
export function capturedVariables(
  fn: object,
  site: FunctionSite,
  inside: PlainInside,
): CapturedVariables {
  const found: CapturedVariables = {
    variables: [],
    imports: [],
    viteImports: new Map(),
    requires: false,
    nameHelper: false,
    baseName: undefined,
  };
  const search = { fn, site, inside, found };
  for (const variable of site.syntax.free.variables.values()) take(search, variable);
  const { base } = site.syntax;
  if (base && base.name === undefined) {
    found.baseName = baseNameFor(site.syntax.text);
    addBase(search, found.baseName, base.start);
  }
  return found;
}

const viteName = /^__(vite_ssr|vi)_import_/;

interface VariableSearch {
  readonly fn: object;
  readonly site: FunctionSite;
  readonly inside: PlainInside;
  readonly found: CapturedVariables;
}

function baseNameFor(text: string): string {
  let name = "$base";
  for (let n = 0; text.includes(name); n++) name = `$base${n}`;
  return name;
}

/** V8 keeps the base class's variable only if a closure uses it; the prototype chain always has it. */
function addBase(search: VariableSearch, name: string, at: number): void {
  const value = prototypeOf(search.fn);
  search.found.variables.push({ name, value, at, atDefinition: true });
}

function take(search: VariableSearch, variable: FreeVariable): void {
  const { site, inside, found } = search;
  const { name } = variable;
  const { base } = site.syntax;
  const scope = inside.scopes.find((s) => !isGlobal(s) && Object.hasOwn(s.object, name));
  if (base && base.name === undefined && isWithin(variable, base)) return;
  if (scope && isOutermost(scope, inside.scopes, name)) {
    const script = site.script();
    indexImports(script, inside.scopes);
    const binding = script.imports.get(name);
    if (binding) {
      takeImport(search, variable, binding);
      return;
    }
  }
  if (base?.name === name) {
    addBase(search, name, base.start);
    return;
  }
  if (!scope) {
    // What vite has imported is a local variable, shown only if a function uses it.
    const binding = viteName.test(name) ? site.script().imports.get(name) : undefined;
    if (binding) takeImport(search, variable, binding);
    else takeGlobal(search, variable);
    return;
  }
  if (name === "__vite_ssr_dynamic_import__") {
    takeViteImports(search, variable);
    return;
  }
  const value = valueIn(scope, variable, site);
  if (name === "require" && isRequire(value)) {
    found.requires = true;
    return;
  }
  if (name === "__name" && isNameHelper(value)) {
    found.nameHelper = true;
    return;
  }
  if (name === "__vite_ssr_import_meta__")
    throw new VariableRefusal(name, importMeta(site, variable.at));
  if (variable.assignedAt !== undefined) {
    throw new VariableRefusal(name, {
      problem: `the function assigns to \`${name}\`, a variable outside of it, and a worker would change only its own copy`,
      fix: "return the value instead and combine the results, or keep state in a module of its own",
      at: site.at(variable.assignedAt),
    });
  }
  const { at, atDefinition } = variable;
  const outer = isOutermost(scope, inside.scopes, name) || isViteModule(scope, inside.scopes);
  const moduleScopes = inside.scopes.slice(inside.scopes.indexOf(scope));
  found.variables.push({ name, value, at, atDefinition, ...(outer && { moduleScopes }) });
}

/** What is said of `import.meta`. */
function importMeta(site: FunctionSite, at: number): Refusal {
  return {
    problem: "it uses import.meta, which is another one in the worker",
    fix: "compute the value outside of the function and capture it: const here = import.meta.url",
    at: site.at(at),
  };
}

function isWithin(variable: FreeVariable, span: { start: number; end: number }): boolean {
  return variable.uses.every((at) => at >= span.start && at < span.end);
}

function isGlobal(scope: FunctionScope): boolean {
  return scope.description === "Global";
}

/** Variables of a module are in its own scope, or in that of the function that CommonJS or vite wraps around it. */
function isOutermost(
  scope: FunctionScope,
  scopes: readonly FunctionScope[],
  name: string,
): boolean {
  if (scope.description === "Module" || viteName.test(name)) return true;
  const next = scopes[scopes.indexOf(scope) + 1];
  return next === undefined || isGlobal(next) || next.description.startsWith("Script");
}

/** vite wraps a module in a function that has a block. */
function isViteModule(scope: FunctionScope, scopes: readonly FunctionScope[]): boolean {
  const at = scopes.indexOf(scope);
  const [next, last] = scopes.slice(at + 1);
  return (
    scope.description === "Block" && next?.description === "Closure" && !!last && isGlobal(last)
  );
}

function valueIn(scope: FunctionScope, variable: FreeVariable, site: FunctionSite): unknown {
  try {
    return scope.object[variable.name];
  } catch {
    const { name } = variable;
    throw new VariableRefusal(name, {
      problem: `\`${name}\` has no value yet: its declaration has not run to its end`,
      fix: `move this below the declaration; if \`${name}\` is what is being made here, let a plain function do the recursion and call delayed ones`,
      at: site.at(variable.at),
    });
  }
}

function takeImport(search: VariableSearch, variable: FreeVariable, binding: ImportBinding): void {
  const { site, found } = search;
  const { specifier, identity, runsEntry } = importTarget(binding, site.script().url);
  const { name: local, uses } = variable;
  if (runsEntry) throw new VariableRefusal(local, { ...entryImport, at: site.at(variable.at) });
  found.imports.push({
    local,
    specifier,
    binding,
    identity: `${identity}#${binding.imported}`,
    uses,
  });
}

/** What is said of an import that cannot be known before the function runs. */
export const computedImport: Omit<Refusal, "at"> = {
  problem: "it imports a module by a computed name",
  fix: 'write the name as a literal: import("…")',
};

/** What is said of an import that would start the program again. */
export const entryImport: Omit<Refusal, "at"> = {
  problem:
    "it imports the file that the program was started with, or a module that does: the program would run again in the worker",
  fix: "move what both need to a module of its own",
};

function takeViteImports({ site, found }: VariableSearch, variable: FreeVariable): void {
  const call = /__vite_ssr_dynamic_import__\)?\(\s*(["'])(.*?)\1/g;
  const literal = [...site.syntax.text.matchAll(call)];
  if (literal.length < variable.uses.length) {
    const at = site.at(variable.at);
    throw new VariableRefusal("import", { ...computedImport, at });
  }
  for (const [, , specifier = ""] of literal) {
    const target = importTarget({ specifier, how: "vite" }, site.script().url);
    found.viteImports.set(specifier, target.specifier);
  }
}

function takeGlobal({ site }: VariableSearch, variable: FreeVariable): void {
  const { name } = variable;
  if (knownGlobals().has(name)) return;
  const isThere = name in globalThis;
  if (isThere && !variable.onlyTypeof) {
    throw new VariableRefusal(name, {
      problem: `\`${name}\` is a global variable that the program or a test framework has added; workers do not have it`,
      fix: `pass it in: const copy = ${name}, and use copy in the function`,
      at: site.at(variable.at),
    });
  }
  if (variable.atDefinition) {
    throw new VariableRefusal(name, {
      problem: `\`${name}\` is only used while the class is being defined, so its value cannot be read later`,
      fix: `use \`${name}\` in a method too, or export the class from a module of its own`,
      at: site.at(variable.at),
    });
  }
  // `typeof x` of a name that is nowhere is "undefined", here and there; of a hidden one it is not.
  if (variable.onlyTypeof && !isThere && !mayBeHidden(site, name)) return;
  throw new VariableRefusal(name, {
    problem: `\`${name}\` cannot be read: it is not defined here, or it is the inner name of an enclosing function or class expression, which V8 does not show`,
    fix: "give what it names a variable of its own and use that",
    at: site.at(variable.at),
  });
}

/** The own name of an enclosing function or class expression is not among the scopes. */
function mayBeHidden(site: FunctionSite, name: string): boolean {
  const word = name.replaceAll("$", "\\$");
  return new RegExp(`\\b(function\\s*\\*?|class)\\s+${word}(?![\\w$])`).test(site.script().text);
}

function isRequire(value: unknown): boolean {
  return typeof value === "function" && "resolve" in value && "cache" in value;
}

const nameHelper =
  /^\(?(\w+),\s*(\w+)\)?\s*=>\s*\w+\(\1,\s*"name",\s*\{\s*value(?::\s*\2)?,\s*configurable:\s*(true|!0)\s*\}\)$/;

/** esbuild's `__name`, which tsx puts around every function that is in another. */
function isNameHelper(value: unknown): boolean {
  return typeof value === "function" && nameHelper.test(Function.prototype.toString.call(value));
}
