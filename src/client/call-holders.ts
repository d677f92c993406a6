import type { CallGroup } from "./call-group.ts";
import type { FutureBatch } from "./future-batch.ts";

/** A future of a pure call that was not released: equal calls are results of its chunk. */
export interface CallHolder {
  /** Equal for equal calls. */
  readonly text: string;
  readonly batch: FutureBatch;
  readonly position: number;
  /** Where the call was first written down. */
  readonly group: CallGroup;
  readonly call: number;
}

/** The calls of a client's futures. */
export class CallHolders {
  readonly #byText = new Map<string, CallHolder | Set<CallHolder>>();

  /** A future of an equal call, if one is held. */
  find(text: string): CallHolder | undefined {
    const held = this.#byText.get(text);
    if (!(held instanceof Set)) return held;
    const [first] = held;
    return first;
  }

  add(holder: CallHolder): void {
    const { text } = holder;
    const held = this.#byText.get(text);
    if (held === undefined) this.#byText.set(text, holder);
    else if (held instanceof Set) held.add(holder);
    else this.#byText.set(text, new Set([held, holder]));
  }

  delete(holder: CallHolder): void {
    const { text } = holder;
    const held = this.#byText.get(text);
    if (held === holder) this.#byText.delete(text);
    else if (held instanceof Set && held.delete(holder) && held.size === 0) {
      this.#byText.delete(text);
    }
  }
}
