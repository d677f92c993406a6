import fs from "node:fs";
import { SourceMap } from "node:module";
import { pathToFileURL } from "node:url";
import util from "node:util";
import { filePath } from "./file-origin.ts";
import { scriptSource } from "./inspect.ts";
import { type ModuleBindings, moduleBindings } from "./module-bindings.ts";
import { type ScriptMap, scriptMap } from "./source-maps.ts";
import { withoutTypes } from "./strip-types.ts";

/** A position in a script, lines and columns from 0. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A script of the user's, as far as it has been looked at. */
export interface Script extends ModuleBindings {
  readonly url: string;
  readonly text: string;
  /** From the loaded script to the file, if a tool compiled it. */
  readonly map: ScriptMap | undefined;
  /** The offset in `text` of a position as V8 reports it. */
  offsetAt(position: Position): number;
  /** The position, as V8 would report it, of an offset in `text`. */
  positionAt(offset: number): Position;
  /** Where a position of the loaded script is in the file the user wrote. */
  original(position: Position): Position;
}

const urls = new Map<string, string>();
const scripts = new Map<string, Script>();
/** Each `new Function` is a script of its own: beyond this many, what was learnt is learnt again. */
const scriptsMax = 5000;

/** URL of the script. The scripts on the stack are known for nothing; for others the debugger is asked. */
export function scriptUrl(scriptId: string): string {
  let url = urls.get(scriptId);
  if (url === undefined) {
    for (const site of util.getCallSites(200, { sourceMap: false })) {
      if (!urls.has(site.scriptId)) urls.set(site.scriptId, asUrl(site.scriptName));
    }
    url = urls.get(scriptId);
  }
  if (url === undefined) {
    url = asUrl(scriptSource(scriptId)?.url ?? "");
    if (urls.size >= scriptsMax) urls.clear();
    urls.set(scriptId, url);
  }
  return url;
}

function asUrl(name: string): string {
  return name.startsWith("/") || /^[A-Za-z]:\\/.test(name) ? pathToFileURL(name).href : name;
}

/** A function of the script, which proves that a text read from disk is the text V8 loaded. */
export interface Witness extends Position {
  readonly text: string;
  /** The script is a native module: vite and others load another text under the same name. */
  readonly nativeModule: boolean;
}

/** The script with this id, read once. */
export function scriptOf(scriptId: string, witness: Witness): Script {
  let script = scripts.get(scriptId);
  if (!script) {
    script = fromDisk(scriptUrl(scriptId), witness) ?? fromDebugger(scriptId);
    if (scripts.size >= scriptsMax) scripts.clear();
    scripts.set(scriptId, script);
  }
  return script;
}

/**
 * Node loads `.js` files as they are and `.ts` files with their types blanked out, so the text can be had without
 * the debugger, which is slow. The function's text at the place V8 reports proves that it is the same text.
 */
function fromDisk(url: string, witness: Witness): Script | undefined {
  if (!witness.nativeModule || !url.startsWith("file:")) return undefined;
  const file = filePath(url);
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
    if (/\.[mc]?ts$/.test(file)) text = withoutTypes(text);
  } catch {
    return undefined;
  }
  const script = makeScript({ url, text, sourceMapUrl: "", startLine: 0, startColumn: 0 });
  const at = script.offsetAt(witness);
  const start = text.indexOf(witness.text, Math.max(0, at - witness.text.length));
  return start < 0 || start > at ? undefined : script;
}

function fromDebugger(scriptId: string): Script {
  const source = scriptSource(scriptId);
  const missing = { url: "", text: "", sourceMapUrl: "", startLine: 0, startColumn: 0 };
  return makeScript(source ? { ...source, url: asUrl(source.url) } : missing);
}

function makeScript(source: {
  readonly url: string;
  readonly text: string;
  readonly sourceMapUrl: string;
  readonly startLine: number;
  readonly startColumn: number;
}): Script {
  const { url, text, startLine, startColumn } = source;
  const lines = lineStarts(text);
  const map = scriptMap(source);
  let lookup: SourceMap | undefined;
  let known: ModuleBindings | undefined;
  const bindings = (): ModuleBindings => {
    known ??= moduleBindings(text);
    return known;
  };
  return {
    url,
    text,
    map,
    // Read at first need: most functions use nothing of their module, and parsing a file takes long.
    get imports() {
      return bindings().imports;
    },
    get exports() {
      return bindings().exports;
    },
    get constants() {
      return bindings().constants;
    },
    offsetAt: ({ line, column }) => {
      const start = lines[line - startLine];
      if (start === undefined) return -1;
      return start + column - (line === startLine ? startColumn : 0);
    },
    positionAt: (offset) => {
      const line = lines.findLastIndex((start) => start <= offset);
      const shift = line === 0 ? startColumn : 0;
      return { line: line + startLine, column: offset - (lines[line] ?? 0) + shift };
    },
    original: (position) => {
      if (!map) return position;
      lookup ??= new SourceMap({ ...map, file: "", sourcesContent: [], sourceRoot: "" } as never);
      const entry = lookup.findEntry(position.line, position.column);
      if (!("originalLine" in entry)) return position;
      return { line: entry.originalLine, column: entry.originalColumn };
    },
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
