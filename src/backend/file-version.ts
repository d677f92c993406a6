/** What the operating system knows of a file. */
export interface FileFacts {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
}

/** The version of a local file as `SourceFile.version` has it: another one once the file was written or replaced. */
export function fileVersion({ size, mtimeMs, ino }: FileFacts): string {
  return `${size}-${mtimeMs}-${ino}`;
}
