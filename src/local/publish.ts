import path from "node:path";
import type { ByteStream, PutOutcome } from "../backend/chunk-store.ts";
import { temporaryName } from "../backend/temporary-name.ts";
import { systemCode } from "../base/system-code.ts";
import { withClaim } from "./claim.ts";
import { discard, type FileSystem } from "./file-system.ts";
import { onStore, storeError } from "./store-error.ts";
import { openInFolderOf } from "./store-folder.ts";

/** Answers of file systems that have no hard links, or no more of them. */
const linkRefused = new Set([
  "EPERM",
  "ENOTSUP",
  "EOPNOTSUPP",
  "EMLINK",
  "ENOSYS",
  "EXDEV",
  "EACCES",
]);

/** Writes `bytes` to a new temporary file in the folder of `target` and returns its path. */
export async function writeTemporary(
  fs: FileSystem,
  target: string,
  bytes: ByteStream,
  signal?: AbortSignal,
): Promise<string> {
  const temporary = onStore(target, () => openTemporary(fs, target));
  try {
    if (bytes instanceof Uint8Array) await writeAll(fs, temporary, bytes);
    else {
      for await (const piece of bytes) {
        signal?.throwIfAborted();
        await writeAll(fs, temporary, piece);
      }
    }
    signal?.throwIfAborted();
  } catch (error) {
    fs.close(temporary.fd);
    discard(fs, temporary.path);
    throw error;
  }
  onStore(target, () => fs.close(temporary.fd));
  return temporary.path;
}

/** A temporary file that is being written. */
interface OpenFile {
  readonly path: string;
  readonly fd: number;
}

/** A new temporary file in the folder of `target`. */
function openTemporary(fs: FileSystem, target: string): OpenFile {
  return openInFolderOf(fs, target, () => {
    const name = temporaryName(target);
    return { path: name, fd: fs.open(name, "wx") };
  });
}

/** Throws a STORE error, or what the system says, if no file can be made in the folder `root`. */
export function requireWritable(fs: FileSystem, root: string): void {
  onStore(root, () => {
    const { path: probe, fd } = openTemporary(fs, path.join(root, "probe"));
    fs.close(fd);
    discard(fs, probe);
  });
}

async function writeAll(fs: FileSystem, file: OpenFile, bytes: Uint8Array): Promise<void> {
  try {
    for (let written = 0; written < bytes.byteLength; ) {
      const count = await fs.write(file.fd, bytes.subarray(written));
      if (count <= 0) throw new Error(`${file.path}: nothing could be written`);
      written += count;
    }
  } catch (error) {
    throw storeError(error, file.path);
  }
}

/** Gives the whole file `temporary` the name `target` unless that name is taken; `temporary` is gone after it. */
export async function publish(
  fs: FileSystem,
  temporary: string,
  target: string,
): Promise<PutOutcome> {
  try {
    return linkOnce(fs, temporary, target) ?? (await renameOnce(fs, temporary, target));
  } catch (error) {
    throw storeError(error, target);
  } finally {
    discard(fs, temporary);
  }
}

/** `undefined` if this file system refuses links. */
function linkOnce(fs: FileSystem, temporary: string, target: string): PutOutcome | undefined {
  try {
    fs.link(temporary, target);
    return "written";
  } catch (error) {
    // A file server may do the work, lose its answer, and then call its own success a failure.
    if ((fs.stat(temporary)?.links ?? 0) >= 2) return "written";
    const code = systemCode(error);
    if (code === "EEXIST") return "existed";
    if (linkRefused.has(code)) return undefined;
    throw error;
  }
}

function renameOnce(fs: FileSystem, temporary: string, target: string): Promise<PutOutcome> {
  return withClaim(fs, target, () => {
    if (fs.stat(target) !== undefined) return "existed";
    fs.rename(temporary, target);
    return "written";
  });
}
