import { fileURLToPath } from "node:url";
import { cleanStack } from "../code/user-frames.ts";

/** Where the user called one of our functions: looked up only if it is needed for a message. */
export interface CallSite {
  readonly stack?: string;
}

/** Of what nobody asks for. */
export const nowhere: CallSite = {};

/** The call of `entered`, the outermost of our functions, from the user's program. */
export function callSite(entered: (...values: never[]) => unknown): CallSite {
  const site: { stack?: string } = {};
  Error.captureStackTrace(site, entered);
  return site;
}

/** The frames of `stack` that are neither ours nor Node's nor those of built-in functions. */
export function userFrames(stack: string | undefined): string[] {
  if (stack === undefined) return [];
  return cleanStack(stack)
    .split("\n")
    .filter((line) => /^\s+at /.test(line) && !/\(?node:|\(<anonymous>\)$/.test(line));
}

/** `error` with the stack of the place where the user asked for the work: its own frames are all ours. */
export function askedForAt<E extends Error>(site: CallSite, error: E): E {
  error.stack = [`${error.name}: ${error.message}`, ...userFrames(site.stack)].join("\n");
  return error;
}

/** `file:line:column` of a frame; without it if the frame does not say. */
export function placeOfFrame(frame: string): string | undefined {
  const place = /\(?((?:file:\/\/)?[^()\s]+:\d+:\d+)\)?$/.exec(frame.trim())?.[1];
  return place?.startsWith("file://") ? pathOfPlace(place) : place;
}

function pathOfPlace(place: string): string {
  const [, url = place, position = ""] = /^(.*?)(:\d+:\d+)$/.exec(place) ?? [];
  return URL.canParse(url) ? fileURLToPath(url) + position : place;
}
