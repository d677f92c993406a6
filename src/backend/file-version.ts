/** What the operating system knows of a file, exactly (`stat` with `bigint: true`). */
export interface FileFacts {
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ino: bigint;
}

/** The version of a local file as `SourceFile.version` has it: another one once the file was written or replaced. */
export function fileVersion(path: string, { size, mtimeNs, ino }: FileFacts): string {
  return `${path} ${size} ${mtimeNs} ${ino}`;
}
