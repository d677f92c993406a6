import type { Clock } from "../../../src/backend/clock.ts";

/** A clock whose waits take no time, for tests in which many requests are refused. */
export const quickClock: Clock = {
  now: () => performance.now(),
  after: (_, wake) => {
    const immediate = setImmediate(wake);
    return () => clearImmediate(immediate);
  },
};
