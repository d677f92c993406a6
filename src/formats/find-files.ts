import fs, { type Stats, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { SourceFile } from "../backend/byte-source.ts";
import { fileVersion } from "../backend/file-version.ts";
import { badArgument, LambdaskError } from "../base/errors.ts";
import { urlScheme } from "../base/url-scheme.ts";
import { withoutLists } from "./success-list.ts";

/** A file of the user's, wherever it is. */
export type FoundFile = SourceFile;

const globCharacters = /[*?{}[\]]/;

/**
 * The local files that paths, `file:` URLs and globs stand for, each pattern's in order of path. Looked up now, so
 * that what is missing is an error where the program names it.
 */
export function findFiles(where: string, patterns: readonly (string | URL)[]): FoundFile[] {
  return patterns.flatMap((pattern) => filesOf(where, pattern));
}

function filesOf(where: string, pattern: string | URL): readonly SourceFile[] {
  const absolute = absolutePath(where, pattern);
  const exact = look(where, absolute);
  if (exact?.isDirectory()) {
    throw source(`${where}: ${absolute} is a folder`, `name its files: "${absolute}/*"`);
  }
  // A pipe would be waited for, and has no blocks.
  if (exact !== undefined && !exact.isFile()) {
    throw source(`${where}: ${absolute} is no plain file`, "write what it gives to a file first");
  }
  if (exact) return [sourceFile(where, absolute, exact)];
  if (!globCharacters.test(absolute)) {
    throw source(
      `${where}: there is no file ${absolute}`,
      "check the path and the working directory",
    );
  }
  const found = fs
    .globSync(absolute)
    .sort()
    .map((file) => ({ file, stats: look(where, file) }))
    .flatMap(({ file, stats }) => (stats?.isFile() ? [sourceFile(where, file, stats)] : []));
  const files = withoutLists(absolute, found);
  if (files.length > 0) return files;
  throw source(
    `${where}: no file matches ${absolute}`,
    "check the pattern, the working directory, and that this user may list its folders",
  );
}

/** What is at a path; `undefined` if there is nothing. */
function look(where: string, absolute: string): Stats | undefined {
  try {
    return statSync(absolute, { throwIfNoEntry: false });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw source(
      `${where}: ${absolute} cannot be looked at: ${reason}`,
      "check the path, and that this user may read it",
      cause,
    );
  }
}

function absolutePath(where: string, pattern: string | URL): string {
  const text = pattern instanceof URL ? pattern.href : pattern;
  if (typeof text !== "string" || text === "") {
    throw badArgument(where, "a path, a file: URL or a glob", pattern);
  }
  if (text.startsWith("file:")) return pathOfUrl(where, text);
  if (urlScheme(text) !== undefined) {
    throw badArgument(where, "a path, or a URL with file:, https: or s3:", text);
  }
  return path.resolve(text);
}

function pathOfUrl(where: string, url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw source(
      `${where}: ${url} is no URL of a file on this machine`,
      'write three slashes before an absolute path: "file:///data/x.txt"',
      cause,
    );
  }
}

/** True for what gives bytes though it has none: the system makes them when it is read, as in /proc. */
function isMadeWhenRead(file: string): boolean {
  try {
    const descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    try {
      const given = fs.readSync(descriptor, new Uint8Array(1));
      return given > 0 && fs.fstatSync(descriptor).size === 0;
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    // Who may not read it is told by whoever reads it.
    return false;
  }
}

function sourceFile(where: string, absolute: string, stats: Stats): SourceFile {
  if (stats.size === 0 && isMadeWhenRead(absolute)) {
    throw source(
      `${where}: ${absolute} says that it is empty, and is not`,
      "write what it gives to a file first",
    );
  }
  return {
    url: pathToFileURL(absolute).href,
    bytes: stats.size,
    version: fileVersion(stats),
  };
}

function source(message: string, fix: string, cause?: unknown): LambdaskError {
  return new LambdaskError("SOURCE", { message, fix, ...(cause === undefined ? {} : { cause }) });
}
