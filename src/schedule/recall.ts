import type { ContentName } from "../base/ids.ts";
import { type JournalEntry, readJournal } from "./journal.ts";
import type { StageResults } from "./results.ts";

/** Results of earlier runs that no stage has taken yet, by stored name. */
export class Recall {
  readonly #entries = new Map<ContentName, JournalEntry[]>();

  /** Reads a journal. */
  add(journal: Uint8Array): void {
    for (const { name, entries } of readJournal(journal)) {
      const known = this.#entries.get(name);
      if (known === undefined) this.#entries.set(name, [...entries]);
      else for (const entry of entries) known.push(entry);
    }
  }

  /**
   * Fills a new stage's table and gives the indexes that are done. Of stored chunks only what is known of them is
   * taken, and only if the store will be looked at: they may have been deleted since.
   */
  take(results: StageResults, lookForChunks: boolean): number[] {
    const { name, count } = results.stage;
    const entries = this.#entries.get(name);
    if (entries === undefined) return [];
    this.#entries.delete(name);
    const indexes: number[] = [];
    for (const { index, output, lazy } of entries) {
      if (index >= count) continue;
      const isInline = output.inline !== undefined;
      if (!isInline && !lookForChunks) continue;
      results.set(index, output, { worker: -1, lazy });
      if (isInline) indexes.push(index);
    }
    return indexes;
  }
}
