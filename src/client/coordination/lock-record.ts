import { LambdaskError } from "../../base/errors.ts";

/** One that holds a lock. */
export interface Holder {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** Grows as long as the holder lives. */
  readonly beats: number;
}

/** What is written of a lock: how many may hold it, and who does. */
export interface LockRecord {
  readonly version: 1;
  readonly name: string;
  readonly leases: number;
  /** Of the last that took it. */
  readonly token: number;
  readonly holders: readonly Holder[];
}

/** The record as bytes. */
export function encodeLock(record: LockRecord): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(record));
}

/** The record in `bytes`, or one that nobody has taken yet. */
export function decodeLock(
  bytes: Uint8Array | undefined,
  empty: Pick<LockRecord, "name" | "leases">,
): LockRecord {
  if (bytes === undefined) return { version: 1, ...empty, token: 0, holders: [] };
  // Written by this library; another version of it is refused below.
  const record = JSON.parse(new TextDecoder().decode(bytes)) as LockRecord;
  const version: unknown = record.version;
  if (version === 1) return record;
  throw new LambdaskError("MISMATCH", {
    message: `the lock ${JSON.stringify(empty.name)} was written by another version of lambdask`,
    fix: "run all programs that share it with the same version",
  });
}
