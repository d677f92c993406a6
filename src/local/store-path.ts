import path from "node:path";
import { LambdaskError, shortly } from "../base/errors.ts";

/** No segment begins with a dot: neither `..` nor a temporary file can be named by a key. */
const nameForm = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*$/;
const prefixForm = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*(?:[A-Za-z0-9_-][A-Za-z0-9._-]*)?$/;
const keyLengthMax = 1024;

/** The file of the key or name `key` under `root`; refuses keys that could lead elsewhere. */
export function pathOf(root: string, key: string): string {
  if (key.length > keyLengthMax || !nameForm.test(key)) throw refusal(key);
  return path.join(root, key);
}

/** The folder that holds every key starting with `prefix`, as a prefix itself, and what the next name starts with. */
export function splitPrefix(prefix: string): { readonly folder: string; readonly start: string } {
  if (prefix.length > keyLengthMax || !prefixForm.test(prefix)) throw refusal(prefix);
  const end = prefix.lastIndexOf("/") + 1;
  return { folder: prefix.slice(0, end), start: prefix.slice(end) };
}

function refusal(key: string): LambdaskError {
  return new LambdaskError("BAD_ARGUMENT", {
    message: `store: ${shortly(key)} is no key: names of letters, digits, ".", "_" and "-", not starting with ".", joined by "/", at most ${keyLengthMax} characters`,
  });
}
