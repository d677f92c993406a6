import { appendFileSync } from "node:fs";
import type { Backend } from "../../../src/backend/backend.ts";

/** `backend`, which notes in `file` how many tasks each invocation carries, when it is sent and when it is answered. */
export function countInFlight(backend: Backend, file: string): Backend {
  const { invoker } = backend;
  return {
    ...backend,
    invoker: {
      invoke: async (invocation, signal) => {
        appendFileSync(file, `+${invocation.tasks.length}\n`);
        const outcome = await invoker.invoke(invocation, signal);
        appendFileSync(file, `-${invocation.tasks.length}\n`);
        return outcome;
      },
      get slots() {
        return invoker.slots;
      },
      onSlots: (listener) => invoker.onSlots(listener),
      scale: (target) => invoker.scale(target),
      hold: (active) => invoker.hold(active),
      close: () => invoker.close(),
    },
  };
}
