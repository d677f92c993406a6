import fs from "node:fs";
import path from "node:path";
import { type ParseResult, parseSync } from "oxc-parser";

/** One text file of the project; the path is relative to the root and uses "/". */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const skippedFolders = new Set([
  ".git",
  "node_modules",
  "dist",
  "cdk.out",
  "coverage",
  ".lambdask",
]);

/** Every file under a folder that has one of the extensions, in the order of its path. */
export function readFiles(
  root: string,
  folder: string,
  extensions: readonly string[],
): SourceFile[] {
  const start = path.join(root, folder);
  if (!fs.existsSync(start)) return [];
  const found: SourceFile[] = [];
  for (const entry of fs.readdirSync(start, { withFileTypes: true })) {
    const relative = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!skippedFolders.has(entry.name)) found.push(...readFiles(root, relative, extensions));
    } else if (extensions.some((extension) => entry.name.endsWith(extension))) {
      found.push({ path: relative, text: fs.readFileSync(path.join(root, relative), "utf8") });
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The syntax tree, comments and imports of a file; a syntax error is thrown with the file's name. */
export function parse(file: SourceFile): ParseResult {
  const result = parseSync(file.path, file.text);
  const error = result.errors[0];
  if (error !== undefined) throw new Error(`${file.path}: ${error.message}`);
  return result;
}

/** "path:line" of an offset in a file, as editors open it. */
export function at(file: SourceFile, offset: number): string {
  return `${file.path}:${file.text.slice(0, offset).split("\n").length}`;
}
