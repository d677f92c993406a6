import fs from "node:fs";
import path from "node:path";
import { nameOfBytes } from "../base/content-name.ts";
import { packageJson } from "./module-file.ts";

interface Package {
  readonly name: string;
  readonly version: string;
}

const identities = new Map<string, string>();

/** Name and version of the package that `specifier` means in the module at `url`, and what of it. */
export function packageIdentity(specifier: string, url: string): string {
  const key = `${specifier}\0${url}`;
  let identity = identities.get(key);
  if (identity === undefined) {
    identity = identityOf(specifier, url);
    identities.set(key, identity);
  }
  return identity;
}

function identityOf(specifier: string, url: string): string {
  let found: Package = { name: specifier, version: "?" };
  let inside = "";
  const file = packageJson(specifier, url);
  if (file !== undefined) {
    found = readJson(file) as unknown as Package;
    // A package of the same repository changes without a new version.
    const folder = path.dirname(fs.realpathSync(file));
    if (!folder.includes("/node_modules/")) inside = `:${folderIdentity(folder)}`;
  }
  const below = specifier.split("/").slice(specifier.startsWith("@") ? 2 : 1);
  return `npm:${found.name}@${found.version}${inside}/${below.join("/")}`;
}

/** Larger files are data. */
const codeBytesMax = 4 * 1024 * 1024;
const sourceFile = /\.([mc]?[jt]sx?|json)$/;

/** Hash of all code in a folder. */
function folderIdentity(folder: string): string {
  const parts: string[] = [];
  const open = [folder];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const entries = fs.readdirSync(at, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const file = path.join(at, entry.name);
      if (/^\.|^node_modules$/.test(entry.name)) continue;
      if (entry.isDirectory()) open.push(file);
      else if (sourceFile.test(entry.name) && fs.statSync(file).size < codeBytesMax) {
        parts.push(path.relative(folder, file), fs.readFileSync(file, "utf8"));
      }
    }
  }
  return nameOfBytes(parts.join("\0"));
}

/** The same for a file of a package. */
export function packageFileIdentity(file: string): string {
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
