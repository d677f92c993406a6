/** A file of the user's as it was found: its version tells later readers whether it has changed since. */
export interface SourceFile {
  readonly url: string;
  /** `Infinity` if nobody knows before it is read: then only the whole of it is worth reading. */
  readonly bytes: number;
  /** ETag, or path + size + mtime + inode as text. */
  readonly version: string;
  /** How its bytes are packed, if it was found with more than a name to tell. */
  readonly packing?: "gzip" | "zstd";
}

/** The user's own files by URL. Missing, unreadable or changed files are errors with code SOURCE naming the URL. */
export interface ByteSource {
  /** The files that a URL, path or glob stands for, sorted by URL. */
  expand(pattern: string): Promise<readonly SourceFile[]>;
  /** The bytes of `[start, end)` in pieces; an error if the file's version is not `file.version` any more. */
  read(
    file: SourceFile,
    range: { readonly start: number; readonly end: number },
    signal?: AbortSignal,
  ): AsyncIterable<Uint8Array>;
  /** Writes a file whole or not at all (temporary + rename); replaces one that is there. */
  write(url: string, bytes: AsyncIterable<Uint8Array>): Promise<void>;
  /** Removes a file, if it is there. */
  remove(url: string): Promise<void>;
  /** Removes what writers that were killed have left beside the file, if its kind of place keeps that. */
  sweep?(url: string): Promise<void>;
}
