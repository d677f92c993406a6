import type { ContentName } from "../base/ids.ts";

/** One module of user code as text: one per function text, however many closures were made of it. */
export interface CodeModule {
  /** Hash of everything below; the worker refuses a module whose hash does not match. */
  readonly hash: ContentName;
  /** The module's JavaScript, placed at its original line and column. */
  readonly text: string;
  /** URL of the user's file, for stack traces and for resolving the module's imports. */
  readonly url: string;
}

/** A user function as data: code and captured values apart. Made by `capture`, made callable again by `link`. */
export interface ShippedFunction {
  /** Identity: what the function does (canonical syntax tree, imports, captured values), not how it was written. */
  readonly id: ContentName;
  /** The function's own name, for people. */
  readonly name: string;
  /** Where it is written: `file:line:column`, for people. */
  readonly definedAt: string;
  /** The captured graph, encoded by the `code` room: functions, environments, data, references to modules. */
  readonly graph: Uint8Array;
  readonly modules: readonly CodeModule[];
  /** Large captured data, stored once by content under `blobKey(hash)` before a worker needs it. */
  readonly blobs: readonly ContentName[];
  /** Bytes of captured data, blobs included. */
  readonly capturedBytes: number;
}
