import type { Clock } from "../backend/clock.ts";

/** Waits hold the process: a call that waits its turn is as much under way as one that is sent. */
export const waitingClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after: (delayMs, wake) => {
    const timer = setTimeout(wake, delayMs);
    return () => clearTimeout(timer);
  },
};
