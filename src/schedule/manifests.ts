import type { OutputSummary } from "../backend/task.ts";
import { atOnce } from "../base/at-once.ts";
import type { ChunkKey, StageId } from "../base/ids.ts";
import type { StageManifest } from "../plan/stage.ts";
import type { StageResults } from "./results.ts";

/** Footers read at once. */
const readsAtOnce = 16;

/** Looks at the chunks of which nothing is known but that they are in the store. Gives those that cannot be read. */
export function lookAtUnknown(
  results: StageResults,
  readSummary: (key: ChunkKey) => Promise<OutputSummary | undefined>,
): number[] | Promise<number[]> {
  const unknown = unknownChunks(results);
  return unknown.length === 0 ? [] : readFooters(results, unknown, readSummary);
}

function unknownChunks(results: StageResults): number[] {
  const unknown: number[] = [];
  for (let index = 0; index < results.stage.count; index++) {
    if (results.has(index) && !results.isKnown(index)) unknown.push(index);
  }
  return unknown;
}

/** Reads the footers of `indexes` into the table. A chunk that cannot be read stays unknown. */
async function readFooters(
  results: StageResults,
  indexes: readonly number[],
  readSummary: (key: ChunkKey) => Promise<OutputSummary | undefined>,
): Promise<number[]> {
  const unreadable: number[] = [];
  await atOnce(readsAtOnce, indexes, async (index) => {
    const summary = await readSummary(results.key(index));
    if (summary === undefined) unreadable.push(index);
    else if (!results.isKnown(index)) results.setRead(index, summary);
  });
  return unreadable;
}

/** What is known of a finished stage, under the id by which its plan knows it. */
export function manifestOf(results: StageResults, id: StageId): StageManifest {
  const { count, parts } = results.stage;
  const rows = new Float64Array(count);
  const bytes = new Float64Array(count);
  const statistics = new Array<unknown>(count);
  const partBytes = parts === undefined ? undefined : new Float64Array(parts);
  for (let index = 0; index < count; index++) {
    results.addTo(index, rows, bytes);
    statistics[index] = results.statistics(index);
    if (partBytes !== undefined) results.addPartBytes(index, partBytes);
  }
  return {
    stage: id,
    count,
    rows,
    bytes,
    statistics,
    ...(partBytes === undefined ? {} : { partBytes }),
  };
}
