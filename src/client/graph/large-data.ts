import { nameOfBytes } from "../../base/content-name.ts";
import type { ContentName } from "../../base/ids.ts";

/** Data above this many encoded bytes becomes a chunk and does not ride in every task that takes it. */
export const ownDataBytesMax: number = 16 * 1024;

const names = new WeakMap<Uint8Array, ContentName>();

/** The content name of encoded data, which never changes. A thousand calls may take the same large array: it is named once. */
export function dataName(bytes: Uint8Array): ContentName {
  if (bytes.length <= ownDataBytesMax) return nameOfBytes(bytes);
  const known = names.get(bytes);
  if (known !== undefined) return known;
  const name = nameOfBytes(bytes);
  names.set(bytes, name);
  return name;
}
