import type { CodeModule } from "../backend/shipped-function.ts";
import type { ContentName } from "../base/ids.ts";
import { urlInProgram } from "./bundle/bundle-format.ts";
import { codeMarker, withoutQuery } from "./file-origin.ts";
import { type FunctionSyntax, functionSyntax } from "./function-syntax.ts";
import type { FunctionInside } from "./inspect.ts";
import { isDeclaredAt } from "./module-bindings.ts";
import { type Position, type Script, scriptOf, scriptUrl } from "./scripts.ts";
import { shortName } from "./trail.ts";

/** One place in the user's program where a function is written; all its closures share it. */
export interface FunctionSite {
  readonly syntax: FunctionSyntax;
  readonly url: string;
  /** The function comes from a code module: it was captured before and linked here. */
  readonly isCaptured: boolean;
  /** Where the text starts in the loaded script. */
  readonly start: Position;
  /** The script around it; read at first need. */
  script(): Script;
  /** `file:line:column` of an offset in the text, in the file the user wrote. */
  at(offset?: number): string;
  /** Code modules by the variables they were made for. */
  readonly emitted: Map<string, EmittedCode>;
}

/** A code module and what it does, whatever its text looks like. */
export interface EmittedCode {
  readonly module: CodeModule;
  readonly code: ContentName;
}

/** A function that V8 shows the inside of. */
export type PlainInside = FunctionInside & { readonly kind: "plain" };

const sites = new Map<string, FunctionSite>();
const sitesMax = 50_000;

/** The site of a function with this text; throws a SyntaxError if the text cannot be read. */
export function functionSite(inside: PlainInside, text: string): FunctionSite {
  const key = `${inside.scriptId}:${inside.line}:${inside.column}`;
  const known = sites.get(key);
  if (known?.syntax.text === text) return known;
  const site = makeSite(inside, functionSyntax(text));
  if (sites.size >= sitesMax) sites.clear();
  sites.set(key, site);
  return site;
}

function makeSite(inside: PlainInside, syntax: FunctionSyntax): FunctionSite {
  const { scriptId, line, column, scopes } = inside;
  const { anchor, text } = syntax;
  const loaded = scriptUrl(scriptId);
  const isCaptured = loaded.includes(codeMarker);
  const url = isCaptured ? urlInProgram(withoutQuery(loaded)) : loaded;
  const nativeModule = scopes.some((scope) => scope.description === "Module");
  const script = (): Script => scriptOf(scriptId, { line, column, text, nativeModule });
  const start = {
    line: line - anchor.lines,
    column: Math.max(
      0,
      anchor.lines > 0 ? firstColumn(script(), syntax, { line, column }) : column - anchor.columns,
    ),
  };
  let first: string | undefined;
  const place = (offset: number): string => {
    const head = text.slice(0, offset).split("\n");
    const last = head.at(-1)?.length ?? 0;
    const position = script().original({
      line: start.line + head.length - 1,
      column: head.length === 1 ? start.column + last : last,
    });
    return `${shortName(url)}:${position.line + 1}:${position.column + 1}`;
  };
  const at = (offset = 0): string => {
    if (offset > 0) return place(offset);
    first ??= place(0);
    return first;
  };
  return { syntax, url, isCaptured, start, script, at, emitted: new Map() };
}

/** True if the function was written as a declaration. */
export function isDeclaration({ script, start }: FunctionSite): boolean {
  const { text, offsetAt } = script();
  return isDeclaredAt(text, offsetAt(start));
}

/** Where the first line of a text starts when V8 only tells of a later line. */
function firstColumn(script: Script, { text, anchor }: FunctionSyntax, told: Position): number {
  const start = script.offsetAt(told) - anchor.offset;
  if (!script.text.startsWith(text, start)) return 0;
  return start - (script.text.lastIndexOf("\n", start - 1) + 1);
}
