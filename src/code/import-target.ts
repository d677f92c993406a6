import fs from "node:fs";
// findPackageJSON not by name: an older Node lacks it, and shall get as far as the message that it is too old.
import module, { isBuiltin } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { nameOfBytes } from "../base/content-name.ts";
import { bundledImport } from "./bundle/open-bundle.ts";
import { filePath, withoutQuery } from "./file-origin.ts";
import type { ImportBinding } from "./module-bindings.ts";

/** The module that an import names. */
export interface ImportTarget {
  /** What the emitted code imports, from a module that has the user's URL. */
  readonly specifier: string;
  /** Equal for equal code on every machine: built-in name, package and version, or hash of a local module. */
  readonly identity: string;
  readonly kind: "built-in" | "package" | "local";
}

const targets = new Map<string, ImportTarget>();

/** What `binding` names in the module at `url`. */
export function importTarget(
  binding: Pick<ImportBinding, "specifier" | "how">,
  url: string,
): ImportTarget {
  const key = `${binding.how}\0${binding.specifier}\0${url}`;
  let target = targets.get(key);
  if (!target) {
    target = resolve(binding, url);
    targets.set(key, target);
  }
  return target;
}

function resolve(binding: Pick<ImportBinding, "specifier" | "how">, url: string): ImportTarget {
  const { specifier, how } = binding;
  const bundled = bundledImport(how === "require" ? "require" : "import", specifier, url);
  if (bundled) return { specifier, identity: bundled.identity, kind: bundled.target };
  if (isBuiltin(specifier)) {
    const id = specifier.startsWith("node:") ? specifier : `node:${specifier}`;
    return { specifier: id, identity: id, kind: "built-in" };
  }
  const file = binding.how === "vite" ? viteFile(specifier) : localFile(specifier, url);
  if (file === undefined) return packageTarget(specifier, url);
  const asWritten = binding.how === "vite" ? pathToFileURL(file).href : specifier;
  if (file.includes("/node_modules/")) {
    return { specifier: asWritten, identity: packageFileIdentity(file), kind: "package" };
  }
  return { specifier: asWritten, identity: `local:${localIdentity(file)}`, kind: "local" };
}

/** The file that vite means: it names files from its root, or from that of the file system behind `/@fs`. */
export function viteFile(specifier: string): string | undefined {
  if (specifier.startsWith("file:")) return filePath(specifier);
  if (specifier.startsWith("/@fs/")) return withoutQuery(specifier.slice(4));
  if (!specifier.startsWith("/")) return undefined;
  const worker = Reflect.get(globalThis, "__vitest_worker__") as
    | { readonly config?: { readonly root?: string } }
    | undefined;
  const inRoot = path.join(worker?.config?.root ?? process.cwd(), withoutQuery(specifier));
  return fs.existsSync(inRoot) ? inRoot : withoutQuery(specifier);
}

function localFile(specifier: string, url: string): string | undefined {
  if (specifier.startsWith("file:")) return filePath(specifier);
  if (!/^\.{0,2}\//.test(specifier)) return undefined;
  try {
    return existingFile(filePath(new URL(specifier, url).href));
  } catch {
    return undefined;
  }
}

const endings = ["", ".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".json"];
const indexes = ["/index.ts", "/index.js", "/index.cjs"];

/** tsx and CommonJS leave endings out, or write `.js` for a `.ts` file. */
function existingFile(file: string): string {
  const stem = file.replace(/\.[mc]?jsx?$/, "");
  for (const base of [file, stem]) {
    for (const ending of [...endings, ...indexes]) {
      const candidate = base + ending;
      if (fs.statSync(candidate, { throwIfNoEntry: false })?.isFile()) return candidate;
    }
  }
  return file;
}

interface Package {
  readonly name: string;
  readonly version: string;
}

function packageTarget(specifier: string, url: string): ImportTarget {
  let found: Package = { name: specifier, version: "?" };
  try {
    const file = module.findPackageJSON(specifier, url);
    if (file !== undefined) found = readJson(file) as unknown as Package;
  } catch {}
  const below = specifier.split("/").slice(specifier.startsWith("@") ? 2 : 1);
  const identity = `npm:${found.name}@${found.version}/${below.join("/")}`;
  return { specifier, identity, kind: "package" };
}

function packageFileIdentity(file: string): string {
  for (let dir = path.dirname(file); dir !== path.dirname(dir); dir = path.dirname(dir)) {
    const json = path.join(dir, "package.json");
    if (!fs.existsSync(json)) continue;
    const found = readJson(json);
    if (!found["name"]) continue;
    const below = path.relative(dir, file);
    const main = mainFiles(found).includes(path.normalize(below));
    return `npm:${found["name"]}@${found["version"]}/${main ? "" : below}`;
  }
  return `file:${path.basename(file)}`;
}

function readJson(file: string): Record<string, unknown> {
  return JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, unknown>;
}

/** The files that the bare name of the package may stand for. */
function mainFiles(json: Record<string, unknown>): string[] {
  const found: string[] = ["index.js"];
  const open: unknown[] = [json["main"], json["module"], mainExport(json["exports"])];
  for (let item = open.pop(); open.length > 0 || item !== undefined; item = open.pop()) {
    if (typeof item === "string") found.push(path.normalize(item), path.normalize(`${item}.js`));
    else if (typeof item === "object" && item !== null) open.push(...Object.values(item));
  }
  return found;
}

function mainExport(exports: unknown): unknown {
  if (typeof exports !== "object" || exports === null) return exports;
  return "." in exports
    ? exports["."]
    : Object.keys(exports)[0]?.startsWith(".")
      ? undefined
      : exports;
}

const localIdentities = new Map<string, string>();

/** Hash of a local module's text and, through its imports, of the local modules below it. */
function localIdentity(file: string): string {
  let identity = localIdentities.get(file);
  if (identity === undefined) {
    const texts: string[] = [];
    collect(file, new Set(), texts);
    identity = nameOfBytes(texts.join("\0"));
    localIdentities.set(file, identity);
  }
  return identity;
}

/** Import specifiers in source text, TypeScript too: read loosely, since a false find only adds to the hash. */
const importPattern = /(?:\bfrom|\bimport|\brequire\()\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g;

function collect(file: string, seen: Set<string>, texts: string[]): void {
  if (seen.has(file)) return;
  seen.add(file);
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch {
    texts.push("missing");
    return;
  }
  texts.push(text);
  const url = pathToFileURL(file).href;
  for (const [, specifier = ""] of text.matchAll(importPattern)) {
    const found = localFile(specifier, url);
    if (found !== undefined) collect(found, seen, texts);
  }
}
