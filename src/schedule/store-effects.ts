import { chunkKey } from "../backend/chunk-key.ts";
import type { ChunkStore } from "../backend/chunk-store.ts";
import type { ChunkKey, ContentName } from "../base/ids.ts";
import { deleteKeys, listBlock, quarantineChunk } from "./chunk-io.ts";
import type { DriveTables } from "./drive-tables.ts";
import type { Effect } from "./effect.ts";
import type { ScheduleEvent } from "./event.ts";
import type { StoredNames } from "./stored-names.ts";

type EffectOf<Kind extends Effect["kind"]> = Extract<Effect, { kind: Kind }>;

/** Performs effects on stored chunks, and tells the machine what came of them. */
export class StoreEffects {
  readonly #store: ChunkStore;
  readonly #tables: DriveTables;
  readonly #names: StoredNames;
  readonly #take: (event: ScheduleEvent) => void;
  /** Single chunks that are being deleted. */
  readonly #deleting = new Map<ChunkKey, Promise<void>>();

  constructor(
    store: ChunkStore,
    around: { readonly tables: DriveTables; readonly names: StoredNames },
    take: (event: ScheduleEvent) => void,
  ) {
    this.#store = store;
    this.#tables = around.tables;
    this.#names = around.names;
    this.#take = take;
  }

  /** Never rejects. */
  async list({ stage, block }: EffectOf<"list">): Promise<void> {
    const { stage: planned } = this.#tables.stage(stage);
    const results = this.#tables.results.get(stage);
    await this.#names.reuse(planned.name);
    const listing = listBlock(this.#store, planned, block);
    // What cannot be listed counts as absent: it is made again.
    const objects = await listing.catch(() => []);
    for (const object of objects) results?.setFound(object.index, object);
    const present = objects.map(({ index }) => index);
    this.#take({ kind: "listed", stage, block, present });
  }

  /** Forgets results, and deletes those that are in the store. */
  dropChunks({ stage, indexes }: EffectOf<"drop-chunks">): void {
    const results = this.#tables.results.get(stage);
    if (results === undefined) return;
    const { written } = results;
    const keys = indexes
      .filter((index) => results.isStored(index) || (written && results.isInline(index)))
      .map((index) => results.key(index));
    for (const index of indexes) results.forget(index);
    if (keys.length === 0) return;
    // What cannot be deleted now goes with its stage.
    const deleted = this.#names
      .erase(async () => {
        await written;
        await deleteKeys(this.#store, keys);
      })
      .catch(() => undefined)
      .then(() => {
        for (const key of keys) if (this.#deleting.get(key) === deleted) this.#deleting.delete(key);
      });
    for (const key of keys) this.#deleting.set(key, deleted);
  }

  /** What must be waited for before these chunks are made again; `undefined` if there is nothing. */
  deletion(name: ContentName, indexes: readonly number[]): Promise<void> | undefined {
    if (this.#deleting.size === 0) return undefined;
    const waits = new Set<Promise<void>>();
    for (const index of indexes) {
      const deleting = this.#deleting.get(chunkKey(name, index));
      if (deleting !== undefined) waits.add(deleting);
    }
    return waits.size === 0 ? undefined : Promise.all(waits).then(() => undefined);
  }

  /** Never rejects. */
  async quarantine({ stage, index }: EffectOf<"quarantine">): Promise<void> {
    const { name } = this.#tables.stage(stage).stage;
    this.#tables.results.get(stage)?.forget(index);
    // If it cannot be moved, its task will find it bad again, and that ends in an error.
    await quarantineChunk(this.#store, chunkKey(name, index)).catch(() => undefined);
    this.#take({ kind: "quarantined", stage, index });
  }
}
