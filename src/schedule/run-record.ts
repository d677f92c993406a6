import { nameOf } from "../base/content-name.ts";
import { type ContentName, makeRunId, parseContentName, type RunId } from "../base/ids.ts";

/** The process that holds a run. */
interface RunOwner {
  readonly host: string;
  readonly pid: number;
  /** Tells clients of one process apart. */
  readonly client: string;
}

/** What is written of a run: who works on it, which names it uses, which it is about to delete. */
export interface RunRecord {
  readonly version: 1;
  readonly run: RunId;
  readonly key: ContentName;
  readonly name: string;
  readonly owner: RunOwner;
  readonly startedMs: number;
  /** Settings by name as they held when the run began or was taken up. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The owner lives as long as this is renewed. */
  readonly heartbeatMs: number;
  readonly pins: readonly ContentName[];
  /** Names whose chunks the owner is deleting: nobody may use them until they are gone from here. */
  readonly deleting: readonly ContentName[];
}

/** How often an owner renews its heartbeat. */
export const heartbeatEveryMs = 5_000;
/** A heartbeat older than this is a dead owner's. */
export const heartbeatAgeMax = 60_000;

/** The heartbeat of a run that its owner has left. */
export const noHeartbeat: number = Number.MIN_SAFE_INTEGER;

/** Folder of a run's files. */
function runFolder(run: RunId): string {
  return `runs/${run}/`;
}

/** The run's record. */
export function recordName(run: RunId): string {
  return `${runFolder(run)}record`;
}

/** The run's journal. */
export function journalName(run: RunId): string {
  return `${runFolder(run)}journal`;
}

/** For whom a name is kept: a run or a publication, until it takes that back, or whoever asks for reuse. */
export type Keeping = RunId | PublicationId | "reuse";

/** A publication, of all that ever were: no run is called so. */
export type PublicationId = `published-${string}`;

/** Where it is written that a name is kept. */
export function keptName(name: ContentName, by: Keeping): string {
  return `kept/${name}-${by}`;
}

/** For whom the name is kept that a note of `keptName` is about. */
export function keeperOfKept(note: string): string {
  return note.slice(note.indexOf("-") + 1);
}

/** The name that a note of `keptName` is about. */
export function nameOfKept(note: string): ContentName {
  return parseContentName(note.slice("kept/".length, note.indexOf("-")));
}

/** The record as bytes. */
export function encodeRecord(record: RunRecord): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(record));
}

/** The record in `bytes`; `undefined` if they hold none that this version understands. */
export function decodeRecord(bytes: Uint8Array): RunRecord | undefined {
  try {
    // What is not a record fails one of the checks below.
    const record = JSON.parse(new TextDecoder().decode(bytes)) as RunRecord;
    const version: unknown = record.version;
    if (version !== 1 || typeof record.owner.pid !== "number") return undefined;
    const names = (list: readonly string[]): ContentName[] => list.map(parseContentName);
    return {
      ...record,
      run: makeRunId(record.run),
      key: parseContentName(record.key),
      pins: names(record.pins),
      deleting: names(record.deleting),
    };
  } catch {
    return undefined;
  }
}

/** What must be known to judge whether an owner lives. */
export interface LivenessFacts {
  readonly nowMs: number;
  readonly self: RunOwner;
  /** Clients of this process that are open. */
  readonly openClients: ReadonlySet<string>;
  isAlive(pid: number): boolean;
}

/** The key of a client's own run, which no work has: it is never resumed. */
export function sessionKey(run: RunId): ContentName {
  return nameOf(["session", run]);
}

/** True if the record is of a client's own run. */
export function isSession({ key, run }: RunRecord): boolean {
  return key === sessionKey(run);
}

/** True if the record's owner may still work on the run. */
export function isOwned(record: RunRecord, facts: LivenessFacts): boolean {
  const { owner, heartbeatMs } = record;
  const { self, nowMs } = facts;
  if (nowMs - heartbeatMs > heartbeatAgeMax) return false;
  if (owner.host !== self.host) return true;
  if (owner.pid === self.pid) return facts.openClients.has(owner.client);
  return facts.isAlive(owner.pid);
}

/** Of the names a run lets go, those that nobody else's record pins and nobody keeps. */
export function deletable(
  names: readonly ContentName[],
  others: readonly RunRecord[],
  kept: ReadonlySet<ContentName>,
): ContentName[] {
  // Unfinished runs count, owned or not: whoever resumes them will look for these chunks.
  const pinned = new Set(others.flatMap((record) => record.pins));
  return names.filter((name) => !pinned.has(name) && !kept.has(name));
}

/** True if an owner that lives is deleting one of the names. */
export function isBeingDeleted(
  names: ReadonlySet<ContentName>,
  others: readonly RunRecord[],
  facts: LivenessFacts,
): boolean {
  return others.some(
    (record) => record.deleting.some((name) => names.has(name)) && isOwned(record, facts),
  );
}
