import type { Invoker } from "../backend/invoker.ts";
import { withInvoke } from "../backend/with-invoke.ts";

/** Counts invocations that were sent and not answered. */
export class InFlight {
  #count = 0;
  #waiting: (() => void)[] = [];
  #invoker: Invoker | undefined;

  /** `invoker`, counted. */
  gate(invoker: Invoker): Invoker {
    this.#invoker = invoker;
    return withInvoke(invoker, async (invocation, signal) => {
      this.#count += 1;
      try {
        return await invoker.invoke(invocation, signal);
      } finally {
        this.#count -= 1;
        if (this.#count === 0) this.#wake();
      }
    });
  }

  /** Invocations that were sent and not answered. */
  get count(): number {
    return this.#count;
  }

  /** Resolves when nothing is in flight; until then the workers keep the program alive. */
  async idle(): Promise<void> {
    if (this.#count === 0) return;
    this.#invoker?.hold(true);
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#invoker?.hold(false);
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
