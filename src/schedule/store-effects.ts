import { chunkKey } from "../backend/chunk-key.ts";
import type { ChunkStore } from "../backend/chunk-store.ts";
import { listBlock, quarantineChunk } from "./chunk-io.ts";
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

  /** Never rejects. */
  async quarantine({ stage, index }: EffectOf<"quarantine">): Promise<void> {
    const { name } = this.#tables.stage(stage).stage;
    this.#tables.results.get(stage)?.forget(index);
    // If it cannot be moved, its task will find it bad again, and that ends in an error.
    await quarantineChunk(this.#store, chunkKey(name, index)).catch(() => undefined);
    this.#take({ kind: "quarantined", stage, index });
  }
}
