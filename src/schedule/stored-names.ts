import type { ChunkStore } from "../backend/chunk-store.ts";
import type { ContentName, RunId } from "../base/ids.ts";
import type { Stage } from "../plan/stage.ts";
import { deleteChunks } from "./chunk-io.ts";
import type { RunKeeper } from "./run-keeper.ts";

/** A stage whose chunks this client needs no more. */
interface Freed {
  readonly stage: Stage;
  /** Otherwise there is nothing to delete. */
  readonly mayBeStored: boolean;
  /** The stage is gone, and not only its results. */
  readonly forGood: boolean;
}

/** The same with who used it, as it was when it was let go. */
interface Deletion extends Freed {
  readonly runs: readonly RunId[];
  readonly own: boolean;
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
      if (runs?.has(run) || this.#own.has(name)) continue;
      if (runs === undefined) this.#runs.set(name, new Set([run]));
      else runs.add(run);
      fresh.push(name);
    }
    const keeper = this.#keeper;
    if (keeper === undefined || waits.length + fresh.length === 0) return undefined;
    // Pins after deletions, which take pins away.
    return Promise.all(waits).then(() => keeper.pin(run, fresh));
  }

  /**
   * The name's chunks are about to be made or looked for again: a deletion that has not begun is called off, one that
   * is under way must be waited for.
   */
  reuse(name: ContentName): Promise<void> | undefined {
    this.#toFree.delete(name);
    return this.#deleting.get(name);
  }

  /** The stage's chunks are needed by no job of this client: they go if nobody else pins or keeps them. */
  free(freed: Freed): void {
    if (this.#keeper === undefined) return;
    const { stage, mayBeStored, forGood } = freed;
    if (!mayBeStored && forGood && this.#own.delete(stage.name)) return;
    const before = this.#toFree.get(stage.name);
    this.#toFree.set(stage.name, {
      stage,
      mayBeStored: mayBeStored || before?.mayBeStored === true,
      forGood: forGood || before?.forGood === true,
    });
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
    const deletions = [...this.#toFree.values()].map((freed) => this.#deletion(freed));
    this.#toFree = new Map();
    if (deletions.length === 0) return;
    const done = this.#work.then(() => this.#delete(deletions)).catch(() => undefined);
    this.#work = done;
    for (const { stage } of deletions) this.#deleting.set(stage.name, done);
    void done.then(() => {
      for (const { stage } of deletions) {
        if (this.#deleting.get(stage.name) === done) this.#deleting.delete(stage.name);
      }
    });
  }

  #deletion(freed: Freed): Deletion {
    const { name } = freed.stage;
    const runs = [...(this.#runs.get(name) ?? [])];
    const own = this.#own.has(name);
    // A stage whose results were dropped may make them again: then it must be known whose they are.
    if (freed.forGood) {
      this.#runs.delete(name);
      this.#own.delete(name);
    }
    return { ...freed, runs, own };
  }

  async #delete(deletions: readonly Deletion[]): Promise<void> {
    const keeper = this.#keeper;
    if (keeper === undefined) return;
    const own = deletions.filter((deletion) => deletion.own && deletion.mayBeStored);
    await Promise.all(own.map(({ stage }) => deleteChunks(this.#store, stage)));
    for (const use of ["dropped", "over"] as const) {
      const byRun = new Map<RunId, Deletion[]>();
      for (const deletion of deletions) {
        if (deletion.forGood !== (use === "over")) continue;
        for (const run of deletion.runs) byRun.set(run, [...(byRun.get(run) ?? []), deletion]);
      }
      for (const [run, those] of byRun) await this.#deleteOfRun(keeper, run, { those, use });
    }
  }

  async #deleteOfRun(
    keeper: RunKeeper,
    run: RunId,
    { those, use }: { readonly those: readonly Deletion[]; readonly use: "over" | "dropped" },
  ): Promise<void> {
    const names = those.map(({ stage }) => stage.name);
    const allowed = new Set(await keeper.unpin(run, names, use));
    const stages = those.filter(({ stage, mayBeStored }) => mayBeStored && allowed.has(stage.name));
    await Promise.all(stages.map(({ stage }) => deleteChunks(this.#store, stage)));
    await keeper.deleted(run, [...allowed]);
  }
}
