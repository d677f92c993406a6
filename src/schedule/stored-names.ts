import type { ChunkStore } from "../backend/chunk-store.ts";
import type { ContentName, RunId } from "../base/ids.ts";
import type { Stage } from "../plan/stage.ts";
import { deleteChunks } from "./chunk-io.ts";
import type { RunKeeper } from "./run-keeper.ts";

interface Freed {
  readonly stage: Stage;
  readonly mayBeStored: boolean;
}

/** Which stored names this client's jobs use, and what is deleted when they do not any more. */
export class StoredNames {
  readonly #store: ChunkStore;
  readonly #keeper: RunKeeper | undefined;
  readonly #runs = new Map<ContentName, Set<RunId>>();
  readonly #own = new Set<ContentName>();
  readonly #deleting = new Map<ContentName, Promise<void>>();
  #toFree = new Map<ContentName, Freed>();
  #work: Promise<void> = Promise.resolve();

  constructor(store: ChunkStore, keeper: RunKeeper | undefined) {
    this.#store = store;
    this.#keeper = keeper;
  }

  /** Names that no other client can know: they need no pins. `undefined` if nothing has to be waited for. */
  useOwn(names: readonly ContentName[]): Promise<void> | undefined {
    const waits: Promise<void>[] = [];
    for (const name of names) {
      this.#toFree.delete(name);
      const deleting = this.#deleting.get(name);
      if (deleting !== undefined) waits.push(deleting);
      this.#own.add(name);
    }
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
  }

  /** Resolves when the names are safe from other clients; `undefined` if nothing has to be waited for. */
  use(run: RunId, names: readonly ContentName[]): Promise<void> | undefined {
    const waits: Promise<void>[] = [];
    const fresh: ContentName[] = [];
    for (const name of names) {
      this.#toFree.delete(name);
      const deleting = this.#deleting.get(name);
      if (deleting !== undefined) waits.push(deleting);
      const runs = this.#runs.get(name);
      if (runs?.has(run)) continue;
      if (runs === undefined) this.#runs.set(name, new Set([run]));
      else runs.add(run);
      fresh.push(name);
    }
    if (this.#keeper === undefined) return undefined;
    if (fresh.length > 0) waits.push(this.#keeper.pin(run, fresh));
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
  }

  /** Waits for a deletion of this name that is under way. */
  deletion(name: ContentName): Promise<void> | undefined {
    return this.#deleting.get(name);
  }

  /**
   * The stage's chunks are needed by no job of this client: they go if nobody else pins or keeps them. If none can be
   * in the store, only the pins go.
   */
  free(stage: Stage, mayBeStored: boolean): void {
    if (this.#keeper === undefined) return;
    if (!mayBeStored && this.#own.delete(stage.name)) return;
    this.#toFree.set(stage.name, { stage, mayBeStored });
    // Several stages are let go in one turn: one change of the run record for all of them.
    if (this.#toFree.size === 1) queueMicrotask(() => this.#flush());
  }

  /** Keeps names beyond all runs. */
  async keep(names: readonly ContentName[]): Promise<void> {
    await this.#keeper?.keep(names);
  }

  /** Takes back `keep`. */
  forget(names: readonly ContentName[]): void {
    const { forget } = this.#keeper ?? {};
    if (forget === undefined) return;
    this.#work = this.#work.then(async () => {
      await this.#keeper?.forget(names);
    });
  }

  /** Resolves when all deletions asked for so far are over. */
  async settled(): Promise<void> {
    await new Promise<void>((resolve) => queueMicrotask(resolve));
    await this.#work.catch(() => undefined);
  }

  #flush(): void {
    const freed = [...this.#toFree.values()];
    this.#toFree = new Map();
    if (freed.length === 0) return;
    const done = this.#work.then(() => this.#delete(freed)).catch(() => undefined);
    this.#work = done;
    for (const { stage } of freed) this.#deleting.set(stage.name, done);
    void done.then(() => {
      for (const { stage } of freed) {
        if (this.#deleting.get(stage.name) === done) this.#deleting.delete(stage.name);
      }
    });
  }

  async #delete(freed: readonly Freed[]): Promise<void> {
    const keeper = this.#keeper;
    if (keeper === undefined) return;
    const byRun = new Map<RunId, ContentName[]>();
    const own = freed.filter(({ stage }) => this.#own.delete(stage.name));
    await Promise.all(own.map(({ stage }) => deleteChunks(this.#store, stage)));
    for (const { name } of freed.map(({ stage }) => stage)) {
      for (const run of this.#runs.get(name) ?? []) {
        const names = byRun.get(run);
        if (names === undefined) byRun.set(run, [name]);
        else names.push(name);
      }
      this.#runs.delete(name);
    }
    for (const [run, names] of byRun) {
      const allowed = new Set(await keeper.unpin(run, names));
      const stages = freed.filter(
        ({ stage, mayBeStored }) => mayBeStored && allowed.has(stage.name),
      );
      await Promise.all(stages.map(({ stage }) => deleteChunks(this.#store, stage)));
      await keeper.deleted(run, [...allowed]);
    }
  }
}
