import fs from "node:fs";
import { type FileHandle, glob, open, readdir, rename, rm, stat, unlink } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ByteSource, SourceFile } from "../backend/byte-source.ts";
import { fileVersion } from "../backend/file-version.ts";
import { isAbandoned, isTemporaryName, temporaryName } from "../backend/temporary-name.ts";
import { systemCode } from "../base/system-code.ts";
import { makeFolder } from "./make-folder.ts";
import { changedError, fromSystemError, sourceError } from "./source-error.ts";

/** Bytes of one piece of a read: text of a mebibyte would lie outside of V8's heap, and be freed late. */
const pieceBytes = 256 * 1024;
const globCharacters = /[*?[\]{}]/;

/** Files of this machine, by `file:` URL, path or glob pattern. Relative paths start at `cwd`. */
export class FileSource implements ByteSource {
  readonly #cwd: string;

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  async expand(pattern: string): Promise<readonly SourceFile[]> {
    const name = pattern.startsWith("file:") ? pathOfUrl(pattern) : pattern;
    const file = path.resolve(this.#cwd, name);
    // A name that really holds such characters is meant as it is.
    if (!globCharacters.test(name) || fs.existsSync(file)) return [await find(file)];
    const files: SourceFile[] = [];
    for await (const match of glob(name, { cwd: this.#cwd })) {
      const matched = path.resolve(this.#cwd, match);
      const isFolder = fs.statSync(matched, { throwIfNoEntry: false })?.isDirectory() ?? false;
      if (!isFolder) files.push(await find(matched));
    }
    if (files.length === 0) {
      throw sourceError(pattern, {
        what: `no file matches this pattern in ${this.#cwd}`,
        fix: "check the pattern and the working directory",
      });
    }
    return files.sort((a, b) => (a.url < b.url ? -1 : 1));
  }

  async *read(
    file: SourceFile,
    range: { readonly start: number; readonly end: number },
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const handle = await onFile(file.url, () => open(pathOfUrl(file.url), "r"));
    try {
      await check(handle, file);
      let position = range.start;
      const end = Math.min(range.end, file.bytes);
      while (position < end) {
        signal?.throwIfAborted();
        const piece = new Uint8Array(Math.min(pieceBytes, end - position));
        const { bytesRead } = await onFile(file.url, () =>
          handle.read(piece, 0, piece.byteLength, position),
        );
        // It ends before the size it had: cut while it was read.
        if (bytesRead === 0) throw changedError(file.url);
        position += bytesRead;
        yield bytesRead === piece.byteLength ? piece : piece.subarray(0, bytesRead);
      }
      await check(handle, file);
    } finally {
      await handle.close();
    }
  }

  async write(url: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const target = this.#pathOf(url);
    const temporary = temporaryName(target);
    try {
      const handle = await onFile(url, () => openNew(url, temporary));
      try {
        for await (const piece of bytes) await onFile(url, () => handle.writeFile(piece));
      } finally {
        await onFile(url, () => handle.close());
      }
      await onFile(url, () => rename(temporary, target));
    } catch (error) {
      // Whether it is there or can be removed or not: what went wrong before is what counts.
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
  }

  async remove(url: string): Promise<void> {
    try {
      await unlink(this.#pathOf(url));
    } catch (error) {
      // Nor is a file there where one of its folders is none.
      if (!["ENOENT", "ENOTDIR"].includes(systemCode(error))) throw fromSystemError(url, error);
    }
  }

  async sweep(url: string): Promise<void> {
    const folder = path.dirname(this.#pathOf(url));
    // Nobody needs it gone: where a user may write but not look or remove, it stays.
    for (const name of await readdir(folder).catch(() => [])) {
      if (!isTemporaryName(name)) continue;
      const file = path.join(folder, name);
      const found = await stat(file).catch(() => undefined);
      if (found === undefined || !isAbandoned(name, found.mtimeMs)) continue;
      await rm(file, { force: true }).catch(() => {});
    }
  }

  #pathOf(url: string): string {
    return path.resolve(this.#cwd, url.startsWith("file:") ? pathOfUrl(url) : url);
  }
}

async function openNew(url: string, file: string): Promise<FileHandle> {
  try {
    makeFolder(path.dirname(file));
  } catch (cause) {
    const code = systemCode(cause);
    if (code === "ENOTDIR" || code === "EEXIST") {
      const fix = "write somewhere else, or move that file away";
      throw sourceError(url, { what: "what should be its folder is a file", fix, cause });
    }
    if (code !== "ENOENT") throw cause;
    throw sourceError(url, {
      what: "no folder can be made there",
      fix: "write somewhere else",
      cause,
    });
  }
  return open(file, "w");
}

async function find(file: string): Promise<SourceFile> {
  const url = pathToFileURL(file).href;
  const found = await onFile(url, () => stat(file));
  if (!found.isFile()) {
    throw sourceError(url, {
      what: found.isDirectory() ? "it is a folder" : "it is no plain file",
      fix: 'name a file, or files with a pattern such as "folder/*.txt"',
    });
  }
  return { url, bytes: found.size, version: fileVersion(found) };
}

async function check(handle: FileHandle, file: SourceFile): Promise<void> {
  const now = await onFile(file.url, () => handle.stat());
  if (now.isDirectory() || fileVersion(now) !== file.version) throw changedError(file.url);
}

function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw sourceError(url, {
      what: "this is no URL of a file on this machine",
      fix: 'write three slashes before an absolute path: "file:///data/x.txt"',
      cause,
    });
  }
}

async function onFile<T>(url: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw fromSystemError(url, error);
  }
}
