import type { ScheduleEvent } from "./event.ts";

type Cancels = Extract<ScheduleEvent, { kind: "cancel-indexes" }>;

/** Futures are cancelled in crowds: gathers what comes in one turn into one event per target. */
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
    this.#open.set(key, { kind: "cancel-indexes", job, target, indexes: [index] });
    queueMicrotask(() => {
      const all = this.#open.get(key);
      this.#open.delete(key);
      if (all !== undefined) this.#take(all);
    });
  }
}
