import { fileURLToPath } from "node:url";

/** A file's path as users write it, of files elsewhere their URL. */
export function pathOfUrl(url: string): string {
  return url.startsWith("file:") ? fileURLToPath(url) : url;
}
