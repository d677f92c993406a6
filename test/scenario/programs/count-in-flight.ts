import { appendFileSync } from "node:fs";
import type { Backend } from "../../../src/backend/backend.ts";
import { withInvoke } from "../../../src/backend/with-invoke.ts";

/**
 * `backend`, which notes in `file` how many tasks each invocation carries when it is sent (`+3`) and when its answer is
 * in the journal (`-3`): a kill between answer and journal finds them in flight. In `file-backups` it notes each task
 * that was sent while it ran, as the backup of a straggler, once both have answered.
 */
export function countInFlight(backend: Backend, file: string): Backend {
  const { invoker, runs } = backend;
  const running = new Map<string, number>();
  const backedUp = new Set<string>();
  /** Answers that are not in the journal yet, in their order. */
  const open: (() => void)[] = [];
  const noteOne = (): void => open.shift()?.();
  return {
    ...backend,
    runs: {
      append: (name, bytes) => {
        const appended = runs.append(name, bytes);
        noteOne();
        return appended;
      },
      replace: (name, bytes, ifVersion) => runs.replace(name, bytes, ifVersion),
      get: (name) => runs.get(name),
      list: (prefix) => runs.list(prefix),
      delete: (name) => runs.delete(name),
      deleteVersion: (name, version) => runs.deleteVersion(name, version),
    },
    invoker: withInvoke(invoker, async (invocation, signal) => {
      const keys = invocation.tasks.map(({ index }) => `${invocation.stage.name}/${index}`);
      for (const key of keys) {
        const copies = running.get(key) ?? 0;
        if (copies > 0) backedUp.add(key);
        running.set(key, copies + 1);
      }
      appendFileSync(file, `+${keys.length}\n`);
      const outcome = await invoker.invoke(invocation, signal);
      const note = (): void => {
        for (const key of keys) {
          const copies = (running.get(key) ?? 0) - 1;
          running.set(key, copies);
          if (copies === 0 && backedUp.delete(key)) appendFileSync(`${file}-backups`, `${key}\n`);
        }
        appendFileSync(file, `-${keys.length}\n`);
      };
      open.push(note);
      // An answer without results is not journaled; whatever is, is so before this comes.
      setImmediate(() => {
        if (open.includes(note)) noteOne();
      });
      return outcome;
    }),
  };
}
