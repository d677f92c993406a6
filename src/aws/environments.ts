import type { WorkerReply } from "../backend/invocation-codec.ts";

/** Environments remembered; beyond this the one that answered longest ago is forgotten. */
const environmentsMax = 10_000;

/** Knows the environments that have answered by number, and how they started. */
export class Environments {
  readonly #numbers = new Map<string, number>();
  #last = 0;
  #replies = 0;
  #answerMs = 0;
  readonly #startMs: number[] = [];

  /** Takes note of a reply; gives the environment's number. */
  answered({ environment, invocations, startMs, answerMs }: WorkerReply): number {
    this.#replies += 1;
    this.#answerMs += answerMs;
    if (invocations === 1) this.#startMs.push(startMs);
    const number = this.#numbers.get(environment) ?? ++this.#last;
    this.#numbers.delete(environment);
    this.#numbers.set(environment, number);
    const [oldest] = this.#numbers.keys();
    if (this.#numbers.size > environmentsMax && oldest !== undefined) this.#numbers.delete(oldest);
    return number;
  }

  /** What was measured so far: replies, time spent in workers, and how long cold starts took to be ready. */
  get measures(): {
    readonly replies: number;
    readonly answerMs: number;
    readonly coldStartMs: readonly number[];
  } {
    return { replies: this.#replies, answerMs: this.#answerMs, coldStartMs: this.#startMs };
  }
}
