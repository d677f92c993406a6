import type { Backend } from "../backend/backend.ts";
import { blobKey } from "../backend/chunk-key.ts";
import type { ErrorData } from "../backend/failure.ts";
import type { Invoker } from "../backend/invoker.ts";
import { isLambdaskError } from "../base/errors.ts";
import type { ContentName } from "../base/ids.ts";

/**
 * Captured data on its way into the store. Work may be submitted meanwhile: `gate` holds its invocations back until
 * all that was added before is there.
 */
export class Uploads {
  readonly #store: Backend["store"];
  readonly #known = new Set<ContentName>();
  #pending: Promise<unknown> | undefined;

  constructor(store: Backend["store"]) {
    this.#store = store;
  }

  /** Puts `bytes` into the store under its hash, unless that was done. */
  add(hash: ContentName, bytes: Uint8Array): void {
    if (this.#known.has(hash)) return;
    this.#known.add(hash);
    const upload = this.#store.putIfAbsent(blobKey(hash), bytes);
    const all = Promise.all([this.#pending, upload]);
    this.#pending = all;
    all.then(
      () => {
        if (this.#pending === all) this.#pending = undefined;
      },
      // Whoever needs the data hears of it when the invocation is held back; another try may go better.
      () => this.#known.delete(hash),
    );
  }

  /** `invoker`, which starts nothing while data is on its way. */
  gate(invoker: Invoker): Invoker {
    return {
      invoke: async (invocation, signal) => {
        try {
          if (this.#pending) await this.#pending;
        } catch (error) {
          this.#pending = undefined;
          const failure = { kind: "fatal", error: storeFailure(error) } as const;
          return { kind: "lost", worker: -1, results: [], failure };
        }
        return invoker.invoke(invocation, signal);
      },
      get slots() {
        return invoker.slots;
      },
      onSlots: (listener) => invoker.onSlots(listener),
      scale: (target) => invoker.scale(target),
      hold: (active) => invoker.hold(active),
      close: () => invoker.close(),
    };
  }
}

function storeFailure(error: unknown): ErrorData {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const code = isLambdaskError(error) ? error.code : "STORE";
  return { name: "LambdaskError", message, stack, fields: { code } };
}
