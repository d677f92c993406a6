import { type FileSystem, nodeFileSystem } from "../../src/local/file-system.ts";

/** An error as a system call gives it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made up`), { code });
}

/** The machine's file system with some calls replaced. */
export function fileSystemWith(calls: Partial<FileSystem>): FileSystem {
  return { ...nodeFileSystem, ...calls };
}

/** Like FAT or some network shares: no hard links. */
export const withoutLinks: FileSystem = fileSystemWith({
  link: () => {
    throw systemError("EPERM");
  },
});

/** Like a file server that does the work and loses its answer: the retry then finds the name taken. */
export const losesLinkAnswers: FileSystem = fileSystemWith({
  link: (from, to) => {
    nodeFileSystem.link(from, to);
    throw systemError("EEXIST");
  },
});

/** Moves at most 3 bytes per call. */
export const shortTransfers: FileSystem = fileSystemWith({
  read: (fd, into, position) => nodeFileSystem.read(fd, into.subarray(0, 3), position),
  write: (fd, bytes) => nodeFileSystem.write(fd, bytes.subarray(0, 3)),
  writeNow: (fd, bytes) => nodeFileSystem.writeNow(fd, bytes.subarray(0, 3)),
});
