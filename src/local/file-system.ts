import fs from "node:fs";
import { makeFolder } from "../sources/make-folder.ts";

/** What the stores ask of a file's entry. */
export interface FileStat {
  readonly bytes: number;
  readonly modifiedMs: number;
  readonly inode: number;
  /** Names that the file has. */
  readonly links: number;
}

/** One name in a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly folder: boolean;
}

/**
 * The file-system calls that the stores use, so that tests can give the answers of odd file systems. Calls that move
 * few bytes are synchronous: a hop to a thread costs more than they do.
 */
export interface FileSystem {
  /** `x` fails if the file is there; `a` writes at the end and makes the file. */
  open(path: string, flags: "r" | "wx" | "a"): number;
  close(fd: number): void;
  /** May read less than asked; 0 at the end. */
  read(fd: number, into: Uint8Array, position: number): number | Promise<number>;
  /** May write less than asked. */
  write(fd: number, bytes: Uint8Array): number | Promise<number>;
  writeNow(fd: number, bytes: Uint8Array): number;
  truncate(fd: number, bytes: number): void;
  stat(path: string): FileStat | undefined;
  statOpen(fd: number): FileStat;
  link(from: string, to: string): void;
  rename(from: string, to: string): void;
  unlink(path: string): void;
  /** Makes the folder and those above it; ENOENT if none can be made there. */
  makeFolder(path: string): void;
  /** Removes the folder; an error if anything is in it. */
  removeFolder(path: string): void;
  readFolder(path: string): readonly FolderEntry[];
}

/** Up to this many bytes are moved without a hop to a thread. */
const synchronousBytesMax = 256 * 1024;
/** Bytes per call: the system refuses 2 GiB and more. */
const callBytesMax = 64 * 1024 * 1024;

/** The file system of this machine. */
export const nodeFileSystem: FileSystem = {
  open: (path, flags) => fs.openSync(path, flags),
  close: (fd) => fs.closeSync(fd),
  read: (fd, into, position) => {
    const length = Math.min(into.byteLength, callBytesMax);
    if (length <= synchronousBytesMax) return fs.readSync(fd, into, 0, length, position);
    return later((done) => fs.read(fd, into, 0, length, position, done));
  },
  write: (fd, bytes) => {
    const length = Math.min(bytes.byteLength, callBytesMax);
    if (length <= synchronousBytesMax) return fs.writeSync(fd, bytes, 0, length);
    return later((done) => fs.write(fd, bytes, 0, length, null, done));
  },
  writeNow: (fd, bytes) => fs.writeSync(fd, bytes),
  truncate: (fd, bytes) => fs.ftruncateSync(fd, bytes),
  stat: (path) => {
    const stat = fs.statSync(path, { throwIfNoEntry: false });
    return stat === undefined ? undefined : fileStat(stat);
  },
  statOpen: (fd) => fileStat(fs.fstatSync(fd)),
  link: (from, to) => fs.linkSync(from, to),
  rename: (from, to) => fs.renameSync(from, to),
  unlink: (path) => fs.unlinkSync(path),
  makeFolder,
  removeFolder: (path) => fs.rmdirSync(path),
  readFolder: (path) =>
    fs.readdirSync(path, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      folder: entry.isDirectory(),
    })),
};

function fileStat(stat: fs.Stats): FileStat {
  return { bytes: stat.size, modifiedMs: stat.mtimeMs, inode: stat.ino, links: stat.nlink };
}

function later(
  start: (done: (error: Error | null, bytes: number) => void) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    start((error, bytes) => (error === null ? resolve(bytes) : reject(error)));
  });
}

/** What tells one state of a file from another. */
export function versionOf(stat: FileStat): string {
  return `${stat.inode}-${stat.modifiedMs}-${stat.bytes}`;
}

/** Removes a file of ours that nobody misses, if it is still there. */
export function discard(fs: FileSystem, path: string): void {
  try {
    fs.unlink(path);
  } catch {
    // It has been renamed, or will be swept as the leftover of a dead process.
  }
}
