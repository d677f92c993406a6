import { workerFile } from "../backend/failure.ts";
import { engineFolder, sourcesFolder } from "../base/engine-place.ts";
import { unbundled } from "./bundle/bundle-stack.ts";
import { isEngineFile } from "./file-origin.ts";

const marker = /\?lambdask=[0-9a-f]{32}/g;

/** A stack trace to show: as `cleanStack` makes it, or with every frame if that is asked for. */
export function shownStack(stack: string, { allFrames }: { readonly allFrames: boolean }): string {
  return allFrames ? unbundled(stack) : cleanStack(stack);
}

/**
 * A stack trace as the user knows the program: code modules carry the names of the user's files, and the frames of
 * this library and of Node's loader are left out.
 */
export function cleanStack(stack: string): string {
  const own = stack.split("\n").filter((line) => !isFrame(line) || !isEngine(line));
  return unbundled(own.join("\n").replace(marker, ""));
}

function isFrame(line: string): boolean {
  return /^\s+at /.test(line);
}

function isEngine(line: string): boolean {
  if (line.includes("?lambdask=")) return line.includes("native-import.mjs?");
  const places = [engineFolder, sourcesFolder, workerFile, "(node:internal/"];
  return isEngineFile(frameUrl(line)) || places.some((place) => line.includes(place));
}

function frameUrl(line: string): string {
  return /file:.*$/.exec(line)?.[0] ?? "";
}
