import type { ContentName, RunId } from "../base/ids.ts";
import type { Keeping } from "./run-record.ts";

/** A run whose record this process holds. */
export interface OpenRun {
  readonly run: RunId;
  /** True if it continues a run that was cut off: then submit its jobs with `lookForChunks`. */
  readonly resumed: boolean;
  /** The journal of the run that was cut off, for `Driver.recall`. */
  readonly journal: Uint8Array | undefined;
  /** Ends the run: its pins and its journal go, and chunks that nothing else keeps may be deleted. */
  finish(): Promise<void>;
  /** Lets go of a run that was cut off: whoever asks for the same work next takes it over. */
  leave(): Promise<void>;
}

/** What a run is opened for. */
export interface RunWork {
  readonly key: ContentName;
  /** For people. */
  readonly name: string;
  /** Settings by name, for the record. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/**
 * Holds the run records, leases and kept names of one client in a shared store, so that clients never delete each
 * other's chunks and a run that was cut off is found again.
 */
export interface RunKeeper {
  /**
   * Opens a run for the work called `key` (equal programs give equal keys): an unfinished run with this key whose
   * process is gone is taken over, else a new one begins.
   */
  open(work: RunWork): Promise<OpenRun>;
  /** True while this client has the run's record. */
  holds(run: RunId): boolean;
  /**
   * Pins stored names for a run: resolves when no other client can delete them any more. A run that was not opened (all
   * futures of a client) gets a record that nobody takes over and that goes when the keeper is closed.
   */
  pin(run: RunId, names: readonly ContentName[]): Promise<void>;
  /**
   * Gives those names that no other run pins and nobody keeps: their chunks may be deleted. The run's own pins go if it
   * uses the names no more; they stay if only the results were dropped and might be made again.
   */
  unpin(
    run: RunId,
    names: readonly ContentName[],
    use: "over" | "dropped",
  ): Promise<readonly ContentName[]>;
  /** Must follow `unpin` when the chunks are deleted: others may use the names again. */
  deleted(run: RunId, names: readonly ContentName[]): Promise<void>;
  /** Keeps names beyond all runs: until the run or publication that did takes it back, others for reuse. */
  keep(names: readonly ContentName[], by: Keeping): Promise<void>;
  /** Takes back what a run or a publication kept; others may keep the same. */
  forget(names: readonly ContentName[], by: Keeping): Promise<void>;
  /** True if the name is kept. */
  isKept(name: ContentName): Promise<boolean>;
  /** Ends the heartbeat; unfinished runs stay for whoever resumes them. */
  close(): Promise<void>;
}
