/**
 * Run records, leases and journals: small files that change, unlike chunks. Names are paths such as
 * `runs/<run>/journal`.
 */
export interface RunStore {
  /**
   * Adds `bytes` at the end of the file, making it. Synchronous on the local backend: when it returns, the bytes
   * survive a `kill -9` of this process (not a power loss: no fsync).
   */
  append(name: string, bytes: Uint8Array): void | Promise<void>;
  /** Writes the whole file atomically; with `ifVersion` only if the file still has it (`""`: only if absent). */
  replace(name: string, bytes: Uint8Array, ifVersion?: string): Promise<boolean>;
  get(name: string): Promise<{ readonly bytes: Uint8Array; readonly version: string } | undefined>;
  /** Names that start with `prefix`. */
  list(prefix: string): Promise<readonly string[]>;
  delete(name: string): Promise<void>;
  /** Deletes the file if it still has that version; true if it did. */
  deleteVersion(name: string, version: string): Promise<boolean>;
}
