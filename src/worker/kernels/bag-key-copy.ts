import { ownCopy, ownText } from "../../chunk/own-copy.ts";

/**
 * A key that is an object as it is now, for keeping: whoever made it may change it later. Arrays and records are copied
 * by hand, which takes a third of what the codec takes.
 */
export function keyCopy(key: unknown): unknown {
  if (typeof key === "string") return ownText(key);
  if (typeof key !== "object" || key === null) return key;
  if (Array.isArray(key)) {
    const list: unknown[] = [];
    for (let i = 0; i < key.length; i++) list.push(keyCopy(key[i]));
    return list;
  }
  if (Object.getPrototypeOf(key) !== Object.prototype) return ownCopy(key);
  const copy: Record<string, unknown> = { ...key };
  for (const field of Object.keys(copy)) copy[field] = keyCopy(copy[field]);
  return copy;
}
