import { nameOfBytes } from "../base/content-name.ts";
import type { ContentName } from "../base/ids.ts";

/** What a code module's `hash` must be. */
export function codeHash(text: string, url: string): ContentName {
  return nameOfBytes(`${url}\0${text}`);
}
