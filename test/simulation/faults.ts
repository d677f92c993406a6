import type { Random } from "../../src/base/seeded-random.ts";
import { saltedRandom } from "./salted-random.ts";

/** Everything that may go wrong in a simulated world. */
export const faultKinds = [
  /** Flow control refuses an invocation. */
  "throttle",
  /** The worker dies before, between or after its tasks. */
  "kill",
  /** All is done and committed, but the reply is lost. */
  "lost-reply",
  /** The client is told that the deadline passed; the worker goes on and commits late. */
  "zombie",
  /** The worker runs out of memory. */
  "memory",
  /** The user's function throws, though not for ever. */
  "user-error",
  /** Tasks come back unrun. */
  "returned",
  /** A task runs twice, and both commit. */
  "twice",
  /** The reply holds results twice, in another order, or of tasks nobody asked for. */
  "garbled-reply",
  /** A task takes fifty times as long. */
  "straggler",
  /** A stored chunk is cut short. */
  "truncate",
  /** A stored chunk disappears. */
  "vanish",
  /** The number of workers changes. */
  "scale",
  /** The client is killed and started again. */
  "kill-client",
  /** A second client does the same work on the same store. */
  "second-client",
  /** A job is cancelled. */
  "cancel",
  /** Some tasks fail for good. */
  "bad-task",
  /** Some tasks give other bytes each time they run. */
  "noise",
] as const;

/** A kind of fault. */
export type FaultKind = (typeof faultKinds)[number];

const rates = [0.02, 0.1, 0.3];
/** Ways in which one task may be hit before the scheduler would rightly give up on it. */
const budgets = { death: 2, memory: 1, user: 2, damage: 2 } as const;

/** A reason for which the scheduler gives up on a task that meets it too often. */
export type Budget = keyof typeof budgets;

/** Decides what goes wrong, by a seed. Each kind has its own stream, so that leaving one out changes no other. */
export class Faults {
  readonly #streams: ReadonlyMap<FaultKind, Random>;
  readonly #rates: ReadonlyMap<FaultKind, number>;
  readonly #used = new Map<string, number>();
  readonly counts: Map<FaultKind, number> = new Map();

  constructor(seed: number, without: ReadonlySet<FaultKind> = new Set()) {
    const random = saltedRandom(seed);
    const streams = new Map<FaultKind, Random>();
    const chosen = new Map<FaultKind, number>();
    for (const [at, kind] of faultKinds.entries()) {
      const stream = random.split(at + 1);
      streams.set(kind, stream);
      const isOn = stream.next() < 0.3;
      const rate = rates[stream.below(rates.length)] ?? 0;
      if (isOn && !without.has(kind)) chosen.set(kind, rate);
    }
    // What is made again may differ: then the readers of the lost bytes and of the new ones disagree, by nature.
    if (chosen.has("noise"))
      for (const kind of ["truncate", "vanish"] as const) chosen.delete(kind);
    this.#streams = streams;
    this.#rates = chosen;
  }

  /** The kinds that are on. */
  get on(): readonly FaultKind[] {
    return [...this.#rates.keys()];
  }

  has(kind: FaultKind): boolean {
    return this.#rates.has(kind);
  }

  /** True if it happens now. */
  happens(kind: FaultKind): boolean {
    const rate = this.#rates.get(kind);
    if (rate === undefined || this.stream(kind).next() >= rate) return false;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    return true;
  }

  /** Numbers that only this kind of fault draws. */
  stream(kind: FaultKind): Random {
    return this.#streams.get(kind) ?? saltedRandom(0);
  }

  /** True if `who` has been hit less often than the scheduler bears; counts it. */
  spend(budget: Budget, who: readonly string[]): boolean {
    const keys = who.map((name) => `${budget} ${name}`);
    if (keys.some((key) => (this.#used.get(key) ?? 0) >= budgets[budget])) return false;
    for (const key of keys) this.#used.set(key, (this.#used.get(key) ?? 0) + 1);
    return true;
  }
}
