import type { UserFunction } from "../backend/kernel.ts";
import type { ShippedFunction } from "../backend/shipped-function.ts";
import { isPromise, type MaybePromise } from "../base/maybe-promise.ts";
import { functionLabel } from "../code/lazy/function-label.ts";

type State =
  | { readonly kind: "needed" }
  | { readonly kind: "running"; readonly ended: Promise<void> }
  | { readonly kind: "done" };

/** What a client has run in this worker before its first task here: once, unless it fails. */
export class SetUp {
  /** For people. */
  readonly label: string;
  readonly #run: UserFunction;
  #state: State = { kind: "needed" };

  constructor(run: UserFunction, shipped: ShippedFunction) {
    this.#run = run;
    this.label = functionLabel(shipped);
  }

  /** True once it has run. */
  get isDone(): boolean {
    return this.#state.kind === "done";
  }

  /** Runs it unless it has run. Whoever comes while it runs waits for the same call. */
  ready(): MaybePromise<void> {
    if (this.#state.kind === "done") return undefined;
    if (this.#state.kind === "running") return this.#state.ended;
    const run = this.#run; // As a function of its own: it is nobody's method.
    const result = run();
    if (isPromise(result)) return this.#waitFor(result);
    this.#state = { kind: "done" };
    return undefined;
  }

  /** A task has failed on it: the next one calls it again, whatever becomes of the call. */
  again(): void {
    this.#state = { kind: "needed" };
  }

  #waitFor(result: PromiseLike<unknown>): Promise<void> {
    // The user's own thenable may know no more than `then`.
    const ended = Promise.resolve(result).then(() => {
      if (this.#state === running) this.#state = { kind: "done" };
    });
    const running: State = { kind: "running", ended };
    this.#state = running;
    return ended;
  }
}
