import { appendFileSync } from "node:fs";
import type { Backend } from "../../../src/backend/backend.ts";

/**
 * `backend`, which notes in `file` how many tasks each invocation carries, when it is sent and when it is answered; and
 * in `file-backups` each task that is sent while it runs already: a backup of a straggler.
 */
export function countInFlight(backend: Backend, file: string): Backend {
  const { invoker } = backend;
  const running = new Map<string, number>();
  const note = (key: string, change: number): void => {
    const before = running.get(key) ?? 0;
    if (change > 0 && before > 0) appendFileSync(`${file}-backups`, `${key}\n`);
    running.set(key, before + change);
  };
  return {
    ...backend,
    invoker: {
      invoke: async (invocation, signal) => {
        const keys = invocation.tasks.map(({ index }) => `${invocation.stage.name}/${index}`);
        for (const key of keys) note(key, 1);
        appendFileSync(file, `+${keys.length}\n`);
        const outcome = await invoker.invoke(invocation, signal);
        appendFileSync(file, `-${keys.length}\n`);
        for (const key of keys) note(key, -1);
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
