import type { CallHolder } from "./call-holders.ts";
import { type CallSite, nowhere } from "./call-site.ts";
import type { FutureTargets, Place } from "./future-targets.ts";
import type { PlanTarget } from "./run-targets.ts";

/** Calls that are equal to calls of one batch whose futures are held: the results are the chunks of these. */
export class EqualCalls implements FutureTargets {
  readonly areApart = true;
  readonly #indexes: number[] = [];
  readonly #calls: Pick<CallHolder, "group" | "call">[] = [];
  readonly #sites: CallSite[] = [];
  readonly #seen = new Set<number>();
  readonly #release: (position: number) => void;
  /** Until it begins. */
  #source: CallHolder | undefined;
  #targets: PlanTarget[] | undefined;

  constructor(source: CallHolder, release: (position: number) => void) {
    this.#source = source;
    this.#release = release;
  }

  get count(): number {
    return this.#indexes.length;
  }

  /** True if there is a future of this call here already: a batch has one of each chunk. */
  has({ batch, position }: CallHolder): boolean {
    return this.#seen.has(batch.indexOf(position));
  }

  add({ batch, position, group, call }: CallHolder, site: CallSite): number {
    const index = batch.indexOf(position);
    this.#seen.add(index);
    this.#calls.push({ group, call });
    this.#sites.push(site);
    return this.#indexes.push(index) - 1;
  }

  get targets(): readonly PlanTarget[] {
    if (this.#targets !== undefined) return this.#targets;
    const { batch, position } = this.#source as CallHolder; // Let go of below only.
    const expr = batch.chunksAgain(position);
    const indexes = Uint32Array.from(this.#indexes).sort();
    this.#targets = [{ expr, indexes: { kind: "list", indexes } }];
    this.#source = undefined;
    return this.#targets;
  }

  place(position: number): Place {
    return { target: 0, index: this.#indexes[position] ?? 0 };
  }

  site(position: number): CallSite {
    return this.#sites[position] ?? nowhere;
  }

  key(position: number): string | undefined {
    const { group, call } = this.#calls[position] ?? {};
    return group?.key(call ?? 0);
  }

  release(position: number): void {
    this.#release(position);
  }

  forget(position: number): void {
    this.#sites[position] = nowhere;
  }
}
