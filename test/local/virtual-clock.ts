import type { Clock } from "../../src/backend/clock.ts";

/** A clock that goes only when it is told to. */
export interface VirtualClock extends Clock {
  /** Lets `ms` pass, waking in order whatever comes due. */
  pass(ms: number): void;
}

/** A clock at 0. */
export function virtualClock(): VirtualClock {
  let nowMs = 0;
  const waiting: { atMs: number; wake: () => void }[] = [];
  return {
    now: () => nowMs,
    after: (delayMs, wake) => {
      const entry = { atMs: nowMs + delayMs, wake };
      waiting.push(entry);
      return () => {
        const at = waiting.indexOf(entry);
        if (at >= 0) waiting.splice(at, 1);
      };
    },
    pass: (ms) => {
      const endMs = nowMs + ms;
      for (;;) {
        const due = waiting.filter((entry) => entry.atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
        const next = due[0];
        if (next === undefined) break;
        waiting.splice(waiting.indexOf(next), 1);
        nowMs = next.atMs;
        next.wake();
      }
      nowMs = endMs;
    },
  };
}
