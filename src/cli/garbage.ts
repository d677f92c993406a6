import { bucketPrefixes } from "../aws/deployment.ts";
import type { ObjectFacts } from "../backend/object-bucket.ts";
import { decodeRecord, nameOfKept, type RunRecord } from "../schedule/run-record.ts";

/** Why an object is not needed any more. */
export const garbageKinds = [
  "chunks",
  "abandoned runs",
  "captured data",
  "files not fetched",
  "corrupt chunks",
] as const;

/** One of the reasons. */
export type GarbageKind = (typeof garbageKinds)[number];

/** An object that no run needs. */
export interface Garbage {
  readonly kind: GarbageKind;
  readonly key: string;
  readonly object: ObjectFacts;
}

/** What must be known besides the objects. */
export interface GarbageFacts {
  /** Younger objects stay: whoever wrote them may be about to say that they are needed. */
  readonly olderThanMs: number;
  read(key: string): Promise<Uint8Array | undefined>;
}

const { chunks, keptChunks, blobs, bad, inputs, outputs, runs, kept } = bucketPrefixes;

/**
 * The objects that nothing needs: runs whose owner has not been heard of for so long, chunks that no other run pins
 * and nobody keeps, and old data of other kinds if no run is left that might read it. A run that reads a chunk just
 * when it goes makes it again.
 */
export async function garbageOf(
  objects: readonly ObjectFacts[],
  { olderThanMs, read }: GarbageFacts,
): Promise<Garbage[]> {
  const under = (prefix: string): ObjectFacts[] =>
    objects.filter(({ key }) => key.startsWith(prefix));
  const abandoned = new Set<string>();
  const pinned = new Set<string>(under(kept).map(({ key }) => nameOfKept(key)));
  let runsLeft = 0;
  for (const { key, modifiedMs } of under(runs)) {
    if (!key.endsWith("/record")) continue;
    const bytes = await read(key);
    const record = bytes === undefined ? undefined : decodeRecord(bytes);
    if (record !== undefined && isAbandoned(record, modifiedMs, olderThanMs)) {
      abandoned.add(folderOf(key));
      continue;
    }
    runsLeft++;
    for (const name of record?.pins ?? []) pinned.add(name);
  }
  const folders = new Set(under(runs).map(({ key }) => folderOf(key)));
  const withRecord = new Set(
    under(runs)
      .filter(({ key }) => key.endsWith("/record"))
      .map(({ key }) => folderOf(key)),
  );
  // A journal whose record is gone belongs to nobody.
  for (const folder of folders) if (!withRecord.has(folder)) abandoned.add(folder);
  const old = (some: ObjectFacts[]): ObjectFacts[] =>
    some.filter(({ modifiedMs }) => modifiedMs < olderThanMs);
  const as = (kind: GarbageKind, some: ObjectFacts[]): Garbage[] =>
    some.map((object) => ({ kind, key: object.key, object }));
  return [
    ...as(
      "chunks",
      old([...under(chunks), ...under(keptChunks)]).filter(
        ({ key }) => !pinned.has(nameOfChunk(key)),
      ),
    ),
    ...as(
      "abandoned runs",
      old(under(runs)).filter(({ key }) => abandoned.has(folderOf(key))),
    ),
    ...as("captured data", runsLeft > 0 ? [] : old([...under(blobs), ...under(inputs)])),
    ...as("files not fetched", runsLeft > 0 ? [] : old(under(outputs))),
    ...as("corrupt chunks", old(under(bad))),
  ];
}

function isAbandoned(record: RunRecord, modifiedMs: number, olderThanMs: number): boolean {
  return Math.max(record.heartbeatMs, modifiedMs) < olderThanMs;
}

/** `runs/<run>/` of one of its files. */
function folderOf(key: string): string {
  return key.slice(0, key.indexOf("/", runs.length) + 1);
}

/** The name in `tmp/<two>/<name>/<block>/<index>`, and the same under `keep/`. */
function nameOfChunk(key: string): string {
  return key.split("/")[2] ?? "";
}
