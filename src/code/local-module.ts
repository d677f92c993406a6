import fs from "node:fs";
import { isBuiltin } from "node:module";
import { pathToFileURL } from "node:url";
import { nameOfBytes } from "../base/content-name.ts";
import { importsEntry } from "./entry-imports.ts";
import { moduleFile } from "./module-file.ts";
import { packageIdentity } from "./package-identity.ts";

interface LocalModule {
  /** Hash of the text and, through its imports, of the project's files and the versions of packages below it. */
  readonly identity: string;
  readonly runsEntry: boolean;
}

const modules = new Map<string, LocalModule>();

/** What is to be known of a module of the project's own. */
export function localModule(file: string): LocalModule {
  let module = modules.get(file);
  if (!module) {
    const found: Found = { files: new Set(), parts: [] };
    collect(file, found);
    const identity = `local:${nameOfBytes(found.parts.join("\0"))}`;
    module = { identity, runsEntry: importsEntry(file, found.files) };
    modules.set(file, module);
  }
  return module;
}

interface Found {
  readonly files: Set<string>;
  readonly parts: string[];
}

/** Import specifiers in source text, TypeScript too: read loosely, since a false find only adds to the hash. */
const importPattern = /(?:\bfrom|\bimport|\brequire\()\s*\(?\s*["']([^"'\s]+)["']/g;

function collect(file: string, found: Found): void {
  if (found.files.has(file)) return;
  found.files.add(file);
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch {
    found.parts.push("missing");
    return;
  }
  found.parts.push(text);
  if (file.endsWith(".json")) return;
  const url = pathToFileURL(file).href;
  for (const [, specifier = ""] of text.matchAll(importPattern)) {
    if (isBuiltin(specifier)) continue;
    const next = moduleFile(specifier, url);
    if (next === undefined) found.parts.push(packageIdentity(specifier, url));
    else collect(next, found);
  }
}
