/** A line that is no JSON, for a function that says what becomes of it. */
export interface BadLine {
  readonly text: string;
  /** What is wrong with it. */
  readonly error: Error;
  /** The path of its file, of files elsewhere the URL. */
  readonly file: string;
  /** Its number, from 1. Left out in a file's later blocks: nobody has counted the lines before. */
  readonly line?: number;
  /** Where it starts, in bytes, if it has no number. */
  readonly byte?: number;
}
