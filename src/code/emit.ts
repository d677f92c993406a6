import type { CodeModule } from "../backend/shipped-function.ts";
import { codeHash } from "./code-hash.ts";
import { cutMap, movedMap } from "./cut-map.ts";
import type { FunctionSyntax } from "./function-syntax.ts";
import type { ImportBinding } from "./module-bindings.ts";
import type { Position } from "./scripts.ts";
import { mapComment, type ScriptMap } from "./source-maps.ts";

/** A variable of the function that the code module imports for itself. */
export interface EmittedImport {
  readonly local: string;
  readonly specifier: string;
  readonly binding: ImportBinding;
}

/** What a code module is made of. */
export interface Emission {
  readonly syntax: FunctionSyntax;
  readonly url: string;
  /** Where the text starts in the loaded script. */
  readonly start: Position;
  /** Variables that the class needs while it is defined. */
  readonly definition: readonly string[];
  /** Variables that are set after the function is made. */
  readonly environment: readonly string[];
  /** Static code of a class: its name, which the text may not give, and the whole environment are there before it. */
  readonly name: string;
  readonly imports: readonly EmittedImport[];
  /** The text calls `require`. */
  readonly requires: boolean;
  /** Specifiers of literal `import()` calls that vite has rewritten. */
  readonly viteImports: ReadonlyMap<string, string>;
  /** esbuild's helper for names, which a copy of the script's own need not be captured for. */
  readonly nameHelper: boolean;
  /** Name that stands for the base class expression, if it is not a plain name. */
  readonly baseName: string | undefined;
  /** The script's own source map: the text keeps its place, so it holds for the module too. */
  readonly map: ScriptMap | undefined;
}

/**
 * The module for a function's text: it makes the function and gives back how to set its variables, so that functions
 * that reach each other can be made first and joined later. The text stands at its own line and column, so that
 * positions in stack traces are those of the user's file.
 */
export function emit(emission: Emission): CodeModule {
  const { syntax, environment, definition, url } = emission;
  const made = freshName("made", syntax.text);
  const given = freshName("given", syntax.text);
  const early = syntax.runsAtOnce ? [...definition, ...environment] : definition;
  const named = syntax.runsAtOnce && syntax.ownName === undefined;
  const name = JSON.stringify(emission.name);
  const privates = syntax.privateNames?.statics.size ? freshName("private", syntax.text) : "";
  const first = privates && `${privates},`;
  const before =
    (early.length > 0
      ? `export default(${given})=>{var{${early.join()}}=${given},${first}${made}=`
      : `export default()=>{var ${first}${made}=`) +
    (syntax.method ? "({" : named ? `({[${name}]:` : "");
  const set = environment.length > 0 ? `({${environment.join()}}=${given})` : "";
  const tail = named ? `})[${name}]` : methodTail(syntax);
  const text = [
    place(before, bodyText(emission, privates), emission.start) + tail,
    environment.length > 0 ? `;var ${environment.join()};` : ";",
    `return[${made},(${given})=>{${set}}${privates && `,${privates}`}]}`,
    ...emission.imports.map((one) => importText(one, syntax.text)),
    ...helperLines(emission),
    mapText(emission, before),
  ].join("\n");
  return codeModule(text, url);
}

function mapText(emission: Emission, before: string): string {
  const { syntax, start, map, url } = emission;
  const own = map && cutMap(map, start, endOf(emission));
  if (!isMoved(before, start)) return own ? mapComment(own) : "";
  if (own) return mapComment({ ...own, mappings: `;${own.mappings}` });
  return mapComment(movedMap(syntax.text, start.column, url));
}

/** Where the function's text ends. */
function endOf({ syntax, start }: Emission): Position {
  const lines = syntax.text.split("\n");
  const last = lines.at(-1)?.length ?? 0;
  const line = start.line + lines.length - 1;
  return { line, column: lines.length === 1 ? start.column + last : last };
}

/** A module that gives what another module exports. */
export function emitImport(specifier: string, binding: ImportBinding, url: string): CodeModule {
  const local = "found";
  const whole = { ...binding, imported: "*" };
  return codeModule(
    `${importText({ local, specifier, binding: whole }, "")}\nexport default ${local};`,
    url,
  );
}

function codeModule(text: string, url: string): CodeModule {
  return { hash: codeHash(text, url), text, url };
}

/** A name that the user's text does not hold anywhere. */
function freshName(stem: string, text: string): string {
  let name = `$${stem}`;
  for (let n = 0; text.includes(name); n++) name = `$${stem}${n}`;
  return name;
}

/** In the first line there may be no room for what goes before the text: then the text moves down one line. */
function isMoved(before: string, { line, column }: Position): boolean {
  return line === 0 && column < before.length;
}

function place(before: string, body: string, start: Position): string {
  const { line, column } = start;
  if (line === 0 && !isMoved(before, start)) {
    return before + " ".repeat(column - before.length) + body;
  }
  return before + "\n".repeat(Math.max(1, line)) + " ".repeat(column) + body;
}

/** The function's text with the parts replaced that mean something else in the worker, columns kept. */
function bodyText({ syntax, baseName }: Emission, privates: string): string {
  const { base, method } = syntax;
  const text = privates ? withSetters(syntax, privates) : syntax.text;
  if (base && baseName) return replaced(text, base, baseName);
  return method?.computed ? replaced(text, method.keySpan, "m") : text;
}

const settersMark = ";static{/*lambdask*/";

/** Only code inside of a class can set its private static fields; at the end of the text no place moves. */
function withSetters({ text, privateNames }: FunctionSyntax, privates: string): string {
  const names = [...(privateNames?.statics.keys() ?? [])];
  const setters = names.map((name) => `"${name}":(v)=>{this.${name}=v}`);
  return `${text.slice(0, -1)}${settersMark}${privates}={${setters.join()}}}}`;
}

/** The text of a class as it was before it was sent. */
export function withoutSetters(text: string): string {
  const at = text.lastIndexOf(settersMark);
  return at < 0 ? text : `${text.slice(0, at)}}`;
}

function replaced(text: string, span: { start: number; end: number }, by: string): string {
  const kept = text.slice(span.start, span.end).replace(/[^\n]/g, " ").slice(by.length);
  return text.slice(0, span.start) + by + kept + text.slice(span.end);
}

function methodTail({ method }: FunctionSyntax): string {
  if (!method) return "";
  const key = JSON.stringify(method.computed ? "m" : method.key);
  return method.accessor
    ? `}).__lookup${method.accessor === "get" ? "Getter" : "Setter"}__(${key})`
    : `})[${key}]`;
}

function importText({ local, specifier, binding }: EmittedImport, text: string): string {
  const { imported } = binding;
  const from = JSON.stringify(specifier);
  if (binding.how === "require" && !specifier.startsWith("node:")) {
    return requireText({ local, specifier, binding }, text);
  }
  const attributes = binding.attributes ? `with{${binding.attributes}}` : "";
  if (binding.wrapped) {
    const whole = freshName(`whole_${local}`, text);
    const module = `import*as ${whole} from${from};`;
    return `${module}const ${local}={...${whole},default:${whole}.default??${whole}};`;
  }
  if (imported === "*") return `import*as ${local} from${from}${attributes};`;
  return `import{${JSON.stringify(imported)} as ${local}}from${from}${attributes};`;
}

/** Relative to the module's own URL, which is the user's file wherever the module is served. */
function requireText({ local, specifier, binding }: EmittedImport, text: string): string {
  const { imported, wrapped } = binding;
  const make = freshName(`require_${local}`, text);
  const load = `import{createRequire as ${make}}from"node:module";`;
  const found = `${make}(import.meta.url)(${JSON.stringify(specifier)})`;
  if (!wrapped) {
    const value = imported === "*" ? found : `${found}[${JSON.stringify(imported)}]`;
    return `${load}const ${local}=${value};`;
  }
  const whole = `${make}_whole`;
  const isModule = `${whole}?.__esModule`;
  const asModule = `{...${whole},default:${whole}}`;
  const value = {
    esm: `${isModule}?${whole}:${asModule}`,
    node: asModule,
    default: `${isModule}?${whole}:{default:${whole}}`,
  }[wrapped];
  return `${load}const ${whole}=${found},${local}=${value};`;
}

function helperLines({ syntax, requires, viteImports, nameHelper }: Emission): string[] {
  const lines: string[] = [];
  if (requires) {
    const make = freshName("require", syntax.text);
    lines.push(
      `import{createRequire as ${make}}from"node:module";const require=${make}(import.meta.url);`,
    );
  }
  if (viteImports.size > 0) {
    const table = [...viteImports].map(
      ([asked, specifier]) => `${JSON.stringify(asked)}:()=>import(${JSON.stringify(specifier)})`,
    );
    lines.push(`const __vite_ssr_dynamic_import__=(s)=>({${table.join()}})[s]();`);
  }
  if (nameHelper) {
    lines.push(
      'const __name=(f,value)=>Object.defineProperty(f,"name",{value,configurable:true});',
    );
  }
  return lines;
}
