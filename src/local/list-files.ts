import path from "node:path";
import { isAbandoned, isTemporaryName } from "../backend/temporary-name.ts";
import { systemCode } from "../base/system-code.ts";
import { discard, type FileStat, type FileSystem, type FolderEntry } from "./file-system.ts";
import { storeError } from "./store-error.ts";
import { removeEmptyFolders } from "./store-folder.ts";
import { splitPrefix } from "./store-path.ts";

/** A file under the root, named by its path from there. */
export interface ListedFile {
  readonly name: string;
  readonly stat: FileStat;
}

/**
 * Every file under `root` whose name starts with `prefix`, in no order: one look into one folder if the prefix ends
 * with "/" and nothing lies below. Temporary files of dead processes are removed in passing.
 */
export function* listFiles(fs: FileSystem, root: string, prefix: string): Iterable<ListedFile> {
  const { folder, start } = splitPrefix(prefix);
  for (const entry of readFolder(fs, path.join(root, folder))) {
    const name = folder + entry.name;
    if (entry.name.startsWith(".")) sweep(fs, root, path.join(root, name));
    else if (!entry.name.startsWith(start)) continue;
    else if (entry.folder) yield* listFiles(fs, root, `${name}/`);
    else {
      const stat = fs.stat(path.join(root, name));
      if (stat !== undefined) yield { name, stat };
    }
  }
}

function readFolder(fs: FileSystem, folder: string): readonly FolderEntry[] {
  try {
    return fs.readFolder(folder);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw storeError(error, folder);
  }
}

function sweep(fs: FileSystem, root: string, file: string): void {
  const name = path.basename(file);
  if (!isTemporaryName(name)) return;
  const stat = fs.stat(file);
  if (stat === undefined || !isAbandoned(name, stat.modifiedMs)) return;
  discard(fs, file);
  removeEmptyFolders(fs, root, file);
}
