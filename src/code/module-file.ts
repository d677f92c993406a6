import fs from "node:fs";
// findPackageJSON not by name: an older Node lacks it, and shall get as far as the message that it is too old.
import module, { createRequire } from "node:module";
import { filePath, withoutQuery } from "./file-origin.ts";

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

const linked = new Map<string, string | undefined>();

/**
 * The file that an import means in the module at `url`: a path, or a name that `imports` of package.json or `paths` of
 * tsconfig.json lead to a file. Undefined for a package.
 */
export function moduleFile(specifier: string, url: string): string | undefined {
  const local = localFile(specifier, url);
  if (local !== undefined) return local;
  const key = `${specifier}\0${url}`;
  if (!linked.has(key)) linked.set(key, linkedFile(specifier, url));
  return linked.get(key);
}

function linkedFile(specifier: string, url: string): string | undefined {
  if (!specifier.startsWith("#") && packageJson(specifier, url) !== undefined) return undefined;
  try {
    return fs.realpathSync(createRequire(withoutQuery(url)).resolve(specifier));
  } catch {
    return undefined;
  }
}

/** The package.json of the package that an import means in the module at `url`. */
export function packageJson(specifier: string, url: string): string | undefined {
  try {
    // Names with # are the own package's.
    const name = specifier.startsWith("#") ? ".." : specifier;
    return module.findPackageJSON(name, url);
  } catch {
    return undefined;
  }
}
