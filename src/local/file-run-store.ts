import path from "node:path";
import type { RunStore } from "../backend/run-store.ts";
import { systemCode } from "../base/system-code.ts";
import { withClaim } from "./claim.ts";
import { discard, type FileSystem, nodeFileSystem, versionOf } from "./file-system.ts";
import { listFiles } from "./list-files.ts";
import { writeTemporary } from "./publish.ts";
import { type FileBytes, readFile } from "./read-file.ts";
import { onStore, storeError } from "./store-error.ts";
import { openInFolderOf, removeEmptyFolders } from "./store-folder.ts";
import { pathOf } from "./store-path.ts";

/** Files kept open for appending: one journal per active run, and a few more. */
const openFilesMax = 32;

/** Run records, leases and journals as files under one root. */
export class FileRunStore implements RunStore {
  readonly #root: string;
  readonly #fs: FileSystem;
  readonly #open = new Map<string, number>();

  constructor(root: string, fs: FileSystem = nodeFileSystem) {
    this.#root = path.resolve(root);
    this.#fs = fs;
  }

  append(name: string, bytes: Uint8Array): void {
    const file = pathOf(this.#root, name);
    onStore(file, () => {
      const fd = this.#open.get(file) ?? this.#openForAppending(file);
      appendAll(this.#fs, fd, bytes);
    });
  }

  async replace(name: string, bytes: Uint8Array, ifVersion?: string): Promise<boolean> {
    const file = pathOf(this.#root, name);
    this.#close(file);
    const temporary = await writeTemporary(this.#fs, file, bytes);
    try {
      if (ifVersion === undefined) {
        this.#fs.rename(temporary, file);
        return true;
      }
      return await withClaim(this.#fs, file, () => {
        const stat = this.#fs.stat(file);
        if ((stat === undefined ? "" : versionOf(stat)) !== ifVersion) return false;
        this.#fs.rename(temporary, file);
        return true;
      });
    } catch (error) {
      throw storeError(error, file);
    } finally {
      discard(this.#fs, temporary);
    }
  }

  async get(name: string): Promise<FileBytes | undefined> {
    return readFile(this.#fs, pathOf(this.#root, name));
  }

  async list(prefix: string): Promise<readonly string[]> {
    return [...listFiles(this.#fs, this.#root, prefix)].map(({ name }) => name);
  }

  async delete(name: string): Promise<void> {
    const file = pathOf(this.#root, name);
    this.#close(file);
    try {
      this.#fs.unlink(file);
      removeEmptyFolders(this.#fs, this.#root, file);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw storeError(error, file);
    }
  }

  async deleteVersion(name: string, version: string): Promise<boolean> {
    const file = pathOf(this.#root, name);
    this.#close(file);
    try {
      if (this.#fs.stat(file) === undefined) return false;
      return await withClaim(this.#fs, file, () => {
        const stat = this.#fs.stat(file);
        if (stat === undefined || versionOf(stat) !== version) return false;
        this.#fs.unlink(file);
        return true;
      });
    } catch (error) {
      if (systemCode(error) === "ENOENT") return false;
      throw storeError(error, file);
    } finally {
      removeEmptyFolders(this.#fs, this.#root, file);
    }
  }

  /** Closes the files kept open. */
  close(): void {
    for (const file of [...this.#open.keys()]) this.#close(file);
  }

  #openForAppending(file: string): number {
    const oldest = this.#open.keys().next();
    if (this.#open.size >= openFilesMax && oldest.done !== true) this.#close(oldest.value);
    const fd = openInFolderOf(this.#fs, file, () => this.#fs.open(file, "a"));
    this.#open.set(file, fd);
    return fd;
  }

  #close(file: string): void {
    const fd = this.#open.get(file);
    if (fd === undefined) return;
    this.#open.delete(file);
    this.#fs.close(fd);
  }
}

/** All of `bytes` or none: half a record would make everything after it unreadable. */
function appendAll(fs: FileSystem, fd: number, bytes: Uint8Array): void {
  let written = 0;
  try {
    while (written < bytes.byteLength) written += fs.writeNow(fd, bytes.subarray(written));
  } catch (error) {
    if (written > 0) fs.truncate(fd, fs.statOpen(fd).bytes - written);
    throw error;
  }
}
