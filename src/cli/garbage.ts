import { bucketPrefixes } from "../aws/deployment.ts";
import type { ObjectFacts } from "../backend/object-bucket.ts";
import { folderOf, type GarbageFacts, neededNames } from "./needed-names.ts";

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

const { chunks, keptChunks, blobs, bad, inputs, outputs, runs } = bucketPrefixes;

/**
 * The objects that nothing needs: runs whose owner has not been heard of for so long and what is kept for them, chunks
 * that no other run pins and nobody else keeps, and old data of other kinds if no run is left that might read it. A run
 * that reads a chunk just when it goes makes it again.
 */
export async function garbageOf(
  objects: readonly ObjectFacts[],
  facts: GarbageFacts,
): Promise<Garbage[]> {
  const { names, abandonedRuns, idleNotes, runsLeft } = await neededNames(objects, facts);
  const old = (...prefixes: readonly string[]): ObjectFacts[] =>
    objects.filter(
      ({ key, modifiedMs }) =>
        modifiedMs < facts.olderThanMs && prefixes.some((prefix) => key.startsWith(prefix)),
    );
  const as = (kind: GarbageKind, some: readonly ObjectFacts[]): Garbage[] =>
    some.map((object) => ({ kind, key: object.key, object }));
  const needed: ReadonlySet<string> = names;
  return [
    ...as(
      "chunks",
      old(chunks, keptChunks).filter(({ key }) => !needed.has(nameOfChunk(key))),
    ),
    ...as("abandoned runs", [
      ...old(runs).filter(({ key }) => abandonedRuns.has(folderOf(key))),
      ...idleNotes,
    ]),
    ...as("captured data", runsLeft ? [] : old(blobs, inputs)),
    ...as("files not fetched", runsLeft ? [] : old(outputs)),
    ...as("corrupt chunks", old(bad)),
  ];
}

/** The name in `tmp/<two>/<name>/<block>/<index>`, and the same under `keep/`. */
function nameOfChunk(key: string): string {
  return key.split("/")[2] ?? "";
}
