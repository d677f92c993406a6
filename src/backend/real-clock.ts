import type { Clock } from "./clock.ts";

/** Timers hold 31 bits of milliseconds; a longer wait is taken in pieces. */
const delayMsMax = 2 ** 31 - 1;

/** The machine's clock. */
export const realClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after: (delayMs, wake, { holds } = { holds: false }) => {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      const pieceMs = Math.min(leftMs, delayMsMax);
      const next = leftMs > pieceMs ? () => wait(leftMs - pieceMs) : wake;
      timer = setTimeout(next, Math.max(0, pieceMs));
      if (!holds) timer.unref();
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
};
