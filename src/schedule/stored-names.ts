import type { ContentName, RunId } from "../base/ids.ts";
import type { RunKeeper } from "./run-keeper.ts";
import type { Keeping } from "./run-record.ts";

/** A stored name that this client needs no more. */
interface Freed {
  readonly name: ContentName;
  /** Deletes what is stored under the name. */
  erase(): Promise<unknown>;
  /** Otherwise there is nothing to delete. */
  readonly mayBeStored: boolean;
  /** Whoever used the name is gone, and not only its results. */
  readonly forGood: boolean;
}

/** The same with who used it, as it was when it was let go. */
interface Deletion extends Freed {
  readonly runs: readonly RunId[];
  readonly own: boolean;
}

/** Which stored names this client's jobs use, and what is deleted when they do not any more. */
export class StoredNames {
  readonly #keeper: RunKeeper | undefined;
  readonly #runs = new Map<ContentName, Set<RunId>>();
  readonly #own = new Set<ContentName>();
  readonly #deleting = new Map<ContentName, Promise<void>>();
  /** Names whose results others still pinned when they were dropped. */
  readonly #left = new Set<ContentName>();
  #toFree = new Map<ContentName, Freed>();
  /** Deletions and what was to come after them, one after another. Never rejects. */
  #work: Promise<void> = Promise.resolve();

  constructor(keeper: RunKeeper | undefined) {
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

  /** True if the run uses the name, or no other client can know it. */
  isUsed(run: RunId, name: ContentName): boolean {
    return this.#own.has(name) || this.#runs.get(name)?.has(run) === true;
  }

  /** Resolves when the names are safe from other clients; `undefined` if nothing has to be waited for. */
  use(run: RunId, names: readonly ContentName[]): Promise<void> | undefined {
    const waits: Promise<void>[] = [];
    const fresh: ContentName[] = [];
    for (const name of names) {
      this.#toFree.delete(name);
      const deleting = this.#deleting.get(name);
      if (deleting !== undefined) waits.push(deleting);
      if (this.isUsed(run, name)) continue;
      const runs = this.#runs.get(name);
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

  /** What is stored under the name is needed by no job of this client: it goes if nobody else pins or keeps it. */
  free(freed: Freed): void {
    if (this.#keeper === undefined) return;
    const { name, mayBeStored, forGood } = freed;
    const before = this.#toFree.get(name);
    // What was stored may be about to go in this turn: then it must be known whose it was.
    if (before === undefined && !mayBeStored && forGood && this.#own.delete(name)) return;
    this.#toFree.set(name, {
      ...freed,
      mayBeStored: mayBeStored || before?.mayBeStored === true,
      forGood: forGood || before?.forGood === true,
    });
    // Several stages are let go in one turn: one change of the run record for all of them.
    if (this.#toFree.size === 1) queueMicrotask(() => this.#flush());
  }

  /** The run was cut off: its record pins the names for who resumes it, and what is freed from now on is not its own. */
  leave(run: RunId, names: Iterable<ContentName>): void {
    for (const name of names) {
      const runs = this.#runs.get(name);
      runs?.delete(run);
      if (runs?.size === 0) this.#runs.delete(name);
    }
  }

  /** Keeps names beyond all runs. */
  async keep(names: readonly ContentName[], by: Keeping): Promise<void> {
    await this.#keeper?.keep(names, by);
  }

  /** Takes back what a run keeps. */
  forget(names: readonly ContentName[], by: RunId): void {
    // What cannot be taken back keeps a little too much.
    this.after(async () => this.#keeper?.forget(names, by)).catch(() => undefined);
  }

  /** Runs `act` when all deletions asked for so far are over; `settled` waits for it. */
  after(act: () => Promise<void>): Promise<void> {
    this.#flush();
    const acted = this.#work.then(act);
    this.#work = acted.catch(() => undefined);
    return acted;
  }

  /** Deletes single chunks of names that no other client can know, and whose others are used. */
  async erase(act: () => Promise<void>): Promise<void> {
    if (this.#keeper !== undefined) await this.after(act);
  }

  /** Resolves when all deletions asked for so far are over. */
  async settled(): Promise<void> {
    await new Promise<void>((resolve) => queueMicrotask(resolve));
    this.#flush();
    await this.#work;
  }

  #flush(): void {
    const deletions = [...this.#toFree.values()].map((freed) => this.#deletion(freed));
    this.#toFree = new Map();
    if (deletions.length === 0) return;
    const done = this.#work.then(() => this.#delete(deletions)).catch(() => undefined);
    this.#work = done;
    for (const { name } of deletions) this.#deleting.set(name, done);
    void done.then(() => {
      for (const { name } of deletions) {
        if (this.#deleting.get(name) === done) this.#deleting.delete(name);
      }
    });
  }

  #deletion(freed: Freed): Deletion {
    const { name } = freed;
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
    await Promise.all(own.map((deletion) => deletion.erase()));
    for (const use of ["dropped", "over"] as const) {
      const byRun = new Map<RunId, Deletion[]>();
      for (const deletion of deletions) {
        if (deletion.forGood !== (use === "over")) continue;
        for (const run of announcing(keeper, deletion.runs)) {
          byRun.set(run, [...(byRun.get(run) ?? []), deletion]);
        }
      }
      for (const [run, those] of byRun) await this.#deleteOfRun(keeper, run, { those, use });
    }
    for (const { name, forGood } of deletions) if (forGood) this.#left.delete(name);
  }

  async #deleteOfRun(
    keeper: RunKeeper,
    run: RunId,
    { those, use }: { readonly those: readonly Deletion[]; readonly use: "over" | "dropped" },
  ): Promise<void> {
    const names = those.map(({ name }) => name);
    const allowed = new Set(await keeper.unpin(run, names, use));
    const stored = those.filter(({ name, mayBeStored }) => mayBeStored || this.#left.has(name));
    const gone = stored.filter(({ name }) => allowed.has(name));
    for (const { name } of stored) if (!allowed.has(name)) this.#left.add(name);
    await Promise.all(gone.map((deletion) => deletion.erase()));
    await keeper.deleted(run, [...allowed]);
  }
}

/** The runs whose records tell of a deletion. Of runs that all have ended, one looks whether others pin the names. */
function announcing(keeper: RunKeeper, runs: readonly RunId[]): readonly RunId[] {
  const held = runs.filter((run) => keeper.holds(run));
  return held.length > 0 ? held : runs.slice(0, 1);
}
