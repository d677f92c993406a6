import path from "node:path";
import { LambdaskError } from "../base/errors.ts";
import { systemCode } from "../base/system-code.ts";
import type { FileSystem } from "./file-system.ts";
import { storeError } from "./store-error.ts";

const triesMax = 100;

/**
 * Calls `open` for a file in the folder of `target`, and makes that folder if need be: others remove it whenever it is
 * empty. `open` is called again when the name it chose is taken.
 */
export function openInFolderOf<T>(fs: FileSystem, target: string, open: () => T): T {
  for (let tries = 1; ; tries++) {
    try {
      return open();
    } catch (error) {
      const code = systemCode(error);
      if (tries === triesMax || (code !== "ENOENT" && code !== "EEXIST")) throw error;
      if (code === "ENOENT") makeFolder(fs, path.dirname(target));
    }
  }
}

function makeFolder(fs: FileSystem, folder: string): void {
  try {
    fs.makeFolder(folder);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw storeError(error, folder);
    throw new LambdaskError("STORE", {
      message: `store: no folder can be made: ${folder}`,
      fix: "choose another folder: connect({ store }) or LAMBDASK_STORE",
      cause: error,
      data: { path: folder, errno: "ENOENT" },
    });
  }
}

/**
 * Removes the folder of `file`, which has gone, and those above it below `root`, as far as nothing is in them. A writer
 * that comes at the same time makes them again.
 */
export function removeEmptyFolders(fs: FileSystem, root: string, file: string): void {
  for (let folder = path.dirname(file); isBelow(root, folder); folder = path.dirname(folder)) {
    try {
      fs.removeFolder(folder);
    } catch {
      // Something is in it, or another process was first.
      return;
    }
  }
}

function isBelow(root: string, folder: string): boolean {
  return folder.length > root.length && folder.startsWith(root);
}
