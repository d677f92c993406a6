import path from "node:path";
import { pathToFileURL } from "node:url";

/** Where this library's own files are: `…/src/` in the repository, `…/dist/` in the package. */
const enginePath = `${path.dirname(import.meta.dirname)}${path.sep}`;
const engine = `${pathToFileURL(path.dirname(import.meta.dirname)).href}/`;

const marker = /\?lambdask=[0-9a-f]{32}/g;

/**
 * A stack trace as the user knows the program: code modules carry the names of the user's files, and the frames of
 * this library and of Node's loader are left out.
 */
export function cleanStack(stack: string): string {
  return stack
    .split("\n")
    .filter((line) => !isFrame(line) || !isEngine(line))
    .join("\n")
    .replace(marker, "");
}

function isFrame(line: string): boolean {
  return /^\s+at /.test(line);
}

function isEngine(line: string): boolean {
  if (line.includes("?lambdask=")) return line.includes("native-import.mjs?");
  return line.includes(engine) || line.includes(enginePath) || line.includes("(node:internal/");
}
