import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import type { ObjectCopy } from "../backend/chunk-store.ts";
import { present } from "../base/assert.ts";
import { releaseBytes } from "../chunk/release-bytes.ts";

/** The disk that a folder is on. */
export interface Disk {
  /** Bytes in all, and those that are free. */
  space(folder: string): Promise<{ readonly bytes: number; readonly freeBytes: number }>;
}

/** Of the whole disk: what copies may take, and what they leave free for what user code writes there. */
const takenShare = 1 / 2;
const freeShare = 1 / 4;

const realDisk: Disk = {
  space: async (folder) => {
    const { blocks, bavail, bsize } = await fs.statfs(folder);
    return { bytes: blocks * bsize, freeBytes: bavail * bsize };
  },
};

/** A range of a file's bytes. */
export interface FileRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * Whole copies as files of one folder, which outlives the process: a file has its name once all of it is there. The
 * longest unused go first when there is no room. One process at a time writes there; another would only fetch more often.
 */
export class CopyFiles {
  readonly #folder: string;
  readonly #disk: Disk;
  /** Bytes by name, in order of use, latest last. */
  readonly #files = new Map<string, number>();
  #opened: Promise<boolean> | undefined;
  /** Of all files. */
  #bytes = 0;
  /** Of those that are being written. */
  #bytesToCome = 0;

  constructor(folder: string, disk: Disk = realDisk) {
    this.#folder = folder;
    this.#disk = disk;
  }

  /** False if the folder cannot be used: that is not tried again. */
  open(): Promise<boolean> {
    this.#opened ??= this.#takeOver().then(
      () => true,
      () => false,
    );
    return this.#opened;
  }

  has(name: string): boolean {
    return this.#files.has(name);
  }

  /** The bytes of a file that `range` names when it is told how many there are; `undefined` if the file is not there. */
  async read(name: string, range: (bytes: number) => FileRange): Promise<Uint8Array | undefined> {
    const bytes = this.#files.get(name);
    if (bytes === undefined) return undefined;
    this.#files.delete(name);
    this.#files.set(name, bytes);
    try {
      return await readRange(path.join(this.#folder, name), range(bytes));
    } catch (error) {
      this.forget(name);
      throw error;
    }
  }

  forget(name: string): void {
    this.#bytes -= this.#files.get(name) ?? 0;
    this.#files.delete(name);
    try {
      rmSync(path.join(this.#folder, name), { force: true });
    } catch {
      // It is not read any more, which is what counts.
    }
  }

  /** A copy to be written. */
  begin(name: string): FileCopy {
    const place = path.join(this.#folder, name);
    return new FileCopy(`${place}.${randomUUID()}`, {
      reserve: (bytes) => this.#reserve(bytes),
      add: async (temporary, bytes) => {
        await fs.rename(temporary, place);
        this.#add(name, bytes);
      },
      release: (bytes) => {
        this.#bytesToCome -= bytes;
      },
    });
  }

  /** What a process before has left: whole files are copies, the others were being written when it ended. */
  async #takeOver(): Promise<void> {
    await fs.mkdir(this.#folder, { recursive: true });
    const found: { readonly name: string; readonly bytes: number; readonly atMs: number }[] = [];
    for (const name of await fs.readdir(this.#folder)) {
      const place = path.join(this.#folder, name);
      if (name.includes(".")) rmSync(place, { force: true });
      else {
        const { size, mtimeMs } = await fs.stat(place);
        found.push({ name, bytes: size, atMs: mtimeMs });
      }
    }
    for (const { name, bytes } of found.sort((a, b) => a.atMs - b.atMs)) this.#add(name, bytes);
  }

  #add(name: string, bytes: number): void {
    this.#files.set(name, bytes);
    this.#bytes += bytes;
  }

  /** True if there is room for so many bytes more: then they are set apart. */
  async #reserve(bytes: number): Promise<boolean> {
    const disk = await this.#disk.space(this.#folder);
    const taken = this.#bytes + this.#bytesToCome + bytes;
    const free = disk.freeBytes - this.#bytesToCome - bytes;
    const excess = Math.max(taken - takenShare * disk.bytes, freeShare * disk.bytes - free);
    // What would not fit into all the room there is must not drive the others out of it.
    if (excess > this.#bytes) return false;
    let freed = 0;
    for (const [name, size] of this.#files) {
      if (freed >= excess) break;
      this.forget(name);
      freed += size;
    }
    this.#bytesToCome += bytes;
    return true;
  }
}

/** What a copy that is being written asks of the folder. */
interface CopyPlace {
  reserve(bytes: number): Promise<boolean>;
  add(temporary: string, bytes: number): Promise<void>;
  release(bytes: number): void;
}

/** A copy that is being written, under a name of its own. */
export class FileCopy implements ObjectCopy {
  /** There is no room for it, or it cannot be written. */
  isRefused = false;
  readonly #temporary: string;
  readonly #place: CopyPlace;
  #file: fs.FileHandle | undefined;
  #reserved = 0;

  constructor(temporary: string, place: CopyPlace) {
    this.#temporary = temporary;
    this.#place = place;
  }

  begin(bytes: number): Promise<boolean> {
    return this.#onDisk(async () => {
      if (!(await this.#place.reserve(bytes))) {
        this.isRefused = true;
        return false;
      }
      this.#reserved = bytes;
      this.#file = await fs.open(this.#temporary, "wx");
      return true;
    });
  }

  write(bytes: Uint8Array, offset: number): Promise<void> {
    return this.#onDisk(async () => {
      const file = present(this.#file, "a copy that has begun");
      for (let done = 0; done < bytes.length; ) {
        const left = bytes.length - done;
        const { bytesWritten } = await file.write(bytes, done, left, offset + done);
        if (bytesWritten === 0) throw new Error(`${this.#temporary}: nothing could be written`);
        done += bytesWritten;
      }
      releaseBytes(bytes);
    });
  }

  end(): Promise<void> {
    return this.#onDisk(async () => {
      await present(this.#file, "a copy that has begun").close();
      await this.#place.add(this.#temporary, this.#reserved);
    });
  }

  /** Takes away what was not finished. */
  async close(): Promise<void> {
    if (this.#file === undefined) return;
    this.#place.release(this.#reserved);
    await this.#file.close().catch(() => undefined);
    await fs.rm(this.#temporary, { force: true });
  }

  /** What fails on the disk is not tried again; what fails in the store may be. */
  async #onDisk<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      this.isRefused = true;
      throw error;
    }
  }
}

async function readRange(place: string, { offset, length }: FileRange): Promise<Uint8Array> {
  const file = await fs.open(place, "r");
  try {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
      if (bytesRead === 0) throw new Error(`${place}: it ends before its end`);
      done += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}
