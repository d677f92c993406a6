import { bucketPrefixes } from "../aws/deployment.ts";
import type { ObjectFacts } from "../backend/object-bucket.ts";
import type { ContentName } from "../base/ids.ts";
import { decodePublication } from "../schedule/publications.ts";
import { decodeRecord, keeperOfKept, nameOfKept, type RunRecord } from "../schedule/run-record.ts";

/** What must be known besides the objects. */
export interface GarbageFacts {
  /** Younger objects stay: whoever wrote them may be about to say that they are needed. */
  readonly olderThanMs: number;
  read(key: string): Promise<Uint8Array | undefined>;
}

/** Who needs what, as far as it is written in the bucket. */
export interface NeededNames {
  /** Stored names that a run pins, or that are kept for somebody who is still there. */
  readonly names: ReadonlySet<ContentName>;
  /** Folders of runs whose owner has not been heard of for so long. */
  readonly abandonedRuns: ReadonlySet<string>;
  /** Notes that keep a name for such a run, or for a publication that is no more. */
  readonly idleNotes: readonly ObjectFacts[];
  /** True if runs are left that may read captured data and uploaded files. */
  readonly runsLeft: boolean;
}

const { runs, kept, published } = bucketPrefixes;

/** Reads who needs what. */
export async function neededNames(
  objects: readonly ObjectFacts[],
  facts: GarbageFacts,
): Promise<NeededNames> {
  const under = (prefix: string): readonly ObjectFacts[] =>
    objects.filter(({ key }) => key.startsWith(prefix));
  const files = under(runs);
  const live = await liveRuns(files, facts);
  const abandoned = new Set(
    files.map(({ key }) => folderOf(key)).filter((each) => !live.has(each)),
  );
  const names = new Set([...live.values()].flatMap((record) => record?.pins ?? []));
  const publications = await publicationsIn(under(published), facts);
  const idleNotes: ObjectFacts[] = [];
  for (const note of under(kept)) {
    const keeper = keeperOfKept(note.key);
    const isThere =
      keeper === "reuse" || live.has(`${runs}${keeper}/`) || publications.mayHave(keeper);
    if (isThere || note.modifiedMs >= facts.olderThanMs) names.add(nameOfKept(note.key));
    else idleNotes.push(note);
  }
  return { names, abandonedRuns: abandoned, idleNotes, runsLeft: live.size > 0 };
}

/** `runs/<run>/` of one of its files. */
export function folderOf(key: string): string {
  return key.slice(0, key.indexOf("/", runs.length) + 1);
}

/** By folder, the records of runs that somebody may work on; those that cannot be read count: a newer version's. */
async function liveRuns(
  files: readonly ObjectFacts[],
  { olderThanMs, read }: GarbageFacts,
): Promise<Map<string, RunRecord | undefined>> {
  const live = new Map<string, RunRecord | undefined>();
  for (const { key, modifiedMs } of files) {
    if (!key.endsWith("/record")) continue;
    const bytes = await read(key);
    const record = bytes === undefined ? undefined : decodeRecord(bytes);
    const heardOfMs = Math.max(record?.heartbeatMs ?? Number.POSITIVE_INFINITY, modifiedMs);
    if (heardOfMs >= olderThanMs) live.set(folderOf(key), record);
  }
  return live;
}

async function publicationsIn(
  files: readonly ObjectFacts[],
  { read }: GarbageFacts,
): Promise<{ mayHave(keeper: string): boolean }> {
  const ids = new Set<string>();
  let isUnknown = false;
  for (const { key } of files) {
    const bytes = await read(key);
    const publication = bytes === undefined ? undefined : decodePublication(bytes);
    if (publication === undefined) isUnknown = true;
    else ids.add(publication.id);
  }
  // What cannot be read, a newer version's, may be any publication.
  return { mayHave: (keeper) => ids.has(keeper) || (isUnknown && keeper.startsWith("published-")) };
}
