import type { ScheduleEvent } from "./event.ts";

type Cancels = Extract<ScheduleEvent, { kind: "cancel-indexes" }>;

/** Futures are cancelled in crowds: gathers what comes with nothing else between into one event per target. */
export class Cancellations {
  readonly #take: (event: Cancels) => void;
  readonly #open = new Map<string, Cancels & { readonly indexes: number[] }>();

  constructor(take: (event: Cancels) => void) {
    this.#take = take;
  }

  add(job: number, target: number, index: number): void {
    const key = `${job}/${target}`;
    const open = this.#open.get(key);
    if (open !== undefined) {
      open.indexes.push(index);
      return;
    }
    if (this.#open.size === 0) queueMicrotask(() => this.flush());
    this.#open.set(key, { kind: "cancel-indexes", job, target, indexes: [index] });
  }

  /** Hands on what was gathered: before anything else happens that could let a cancelled call begin. */
  flush(): void {
    if (this.#open.size === 0) return;
    const events = [...this.#open.values()];
    this.#open.clear();
    for (const event of events) this.#take(event);
  }
}
