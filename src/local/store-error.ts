import { LambdaskError } from "../base/errors.ts";
import { systemCode } from "../base/system-code.ts";

/** What no retry can cure, and what a person can do about it. */
const incurable: Readonly<Record<string, { readonly what: string; readonly fix: string }>> = {
  ENOSPC: { what: "the disk is full", fix: "free space, or choose another folder as the store" },
  EFBIG: {
    what: "the file is larger than its file system or a limit of this process (ulimit -f) allows",
    fix: "raise the limit, choose another store folder, or use smaller chunks",
  },
  EDQUOT: { what: "the disk quota is used up", fix: "free space, or choose another store folder" },
  EACCES: {
    what: "no permission",
    fix: "give this user permission to write there, or choose another folder: connect({ store }) or LAMBDASK_STORE",
  },
  EPERM: {
    what: "not permitted",
    fix: "give this user permission to write there, or choose another folder: connect({ store }) or LAMBDASK_STORE",
  },
  EROFS: {
    what: "the file system is read-only",
    fix: "choose a folder that can be written: connect({ store }) or LAMBDASK_STORE",
  },
  ENOTDIR: { what: "a file stands where a folder should", fix: "move that file away" },
  EEXIST: { what: "something that is no folder stands where one should", fix: "move it away" },
  EISDIR: { what: "a folder stands where a file should", fix: "move that folder away" },
  ENAMETOOLONG: { what: "the path is too long", fix: "choose a store folder with a shorter path" },
};

/** A failed call on the store's file `path`: a STORE error if no retry can cure it, else the error as it came. */
export function storeError(error: unknown, path: string): unknown {
  const known = incurable[systemCode(error)];
  if (known === undefined) return error;
  return new LambdaskError("STORE", {
    message: `store: ${known.what}: ${path}`,
    fix: known.fix,
    cause: error,
    data: { path, errno: systemCode(error) },
  });
}

/** Runs `call` on the store's file `path`; what it throws becomes a `storeError`. */
export function onStore<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw storeError(error, path);
  }
}
