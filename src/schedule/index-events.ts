import type { ScheduleEvent } from "./event.ts";

type IndexEvent = Extract<ScheduleEvent, { kind: "cancel-indexes" | "release-indexes" }>;

/** Futures are cancelled and released in crowds: gathers what comes with nothing else between into one event per target. */
export class IndexEvents {
  readonly #take: (event: IndexEvent) => void;
  readonly #open = new Map<string, IndexEvent & { readonly indexes: number[] }>();

  constructor(take: (event: IndexEvent) => void) {
    this.#take = take;
  }

  add(
    kind: IndexEvent["kind"],
    {
      job,
      target,
      index,
    }: { readonly job: number; readonly target: number; readonly index: number },
  ): void {
    const key = `${kind}/${job}/${target}`;
    const open = this.#open.get(key);
    if (open !== undefined) {
      open.indexes.push(index);
      return;
    }
    if (this.#open.size === 0) queueMicrotask(() => this.flush());
    this.#open.set(key, { kind, job, target, indexes: [index] });
  }

  /** Hands on what was gathered: before anything else happens that could let a cancelled call begin. */
  flush(): void {
    if (this.#open.size === 0) return;
    const events = [...this.#open.values()];
    this.#open.clear();
    for (const event of events) this.#take(event);
  }
}
