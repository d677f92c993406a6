import fs from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { engineUrl } from "../base/engine-place.ts";

/** Marks the URLs of code modules: `file:///user/script.ts?lambdask=HASH`. */
export const codeMarker = "lambdask=";

/** `url` without what follows the file's name. */
export function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/, "");
}

/** True for a file of an npm package; this library's own files are part of the program that uses it. */
export function isPackageFile(url: string): boolean {
  return url.includes("/node_modules/") && !url.startsWith(engineUrl);
}

/** True for a file of this library. */
export function isEngineFile(url: string): boolean {
  return url.startsWith(engineUrl);
}

let entries: ReadonlySet<string> | undefined;

/** True for the script that the process was started with: importing it again would run the program again. */
export function isEntry(url: string): boolean {
  const [, started] = process.argv;
  if (started === undefined) return true;
  entries ??= new Set([started, realPath(started)].map((file) => pathToFileURL(file).href));
  const file = withoutQuery(url);
  return entries.has(file) || entries.has(file.replace(/\.[mc]?[jt]sx?$/, ""));
}

/** Node knows modules by where symbolic links lead. */
function realPath(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return file;
  }
}

/** The path of a `file:` URL. */
export function filePath(url: string): string {
  return fileURLToPath(withoutQuery(url));
}
