import { fileURLToPath } from "node:url";

/** Where the user called one of our functions: looked up only if it is needed for a message. */
export interface CallSite {
  readonly stack?: string;
}

/** The call of `entered`, the outermost of our functions, from the user's program. */
// biome-ignore lint/complexity/noBannedTypes: any function marks the place.
export function callSite(entered: Function): CallSite {
  const site: { stack?: string } = {};
  Error.captureStackTrace(site, entered);
  return site;
}

/** Our own files, as they appear in stack frames: by URL or by path. */
const engineUrl = new URL("..", import.meta.url).href;
const enginePath = fileURLToPath(engineUrl);

/** The frames of `stack` that are neither ours nor Node's, as they are written there. */
export function userFrames(stack: string | undefined): string[] {
  if (stack === undefined) return [];
  return stack.split("\n").filter((line) => {
    if (!/^\s+at /.test(line) || /\(?node:/.test(line)) return false;
    return !line.includes(engineUrl) && !line.includes(enginePath);
  });
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

/** What a worker adds to the URL of the user's file: which version of the code it runs. */
const codeMark = /\?lambdask=[0-9a-f]+/g;

/** The stack of an error with the message as it is and only the user's frames. */
export function cleanStack(stack: string): string {
  const lines = stack.replaceAll(codeMark, "").split("\n");
  const first = lines.findIndex((line) => /^\s+at /.test(line));
  if (first < 0) return stack;
  return [...lines.slice(0, first), ...userFrames(lines.join("\n"))].join("\n");
}
