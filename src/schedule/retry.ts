import type { Failure } from "../backend/failure.ts";
import { unreachable } from "../base/assert.ts";
import type { ChunkKey } from "../base/ids.ts";
import type { Trouble } from "./state.ts";

/** Workers that a task may end, running alone, before it is named as poison. */
export const deathsMax = 3;
/** Times a task may use up a worker's memory alone on it. */
const memoryFailuresMax = 2;
/** Times one chunk is made again before its loss counts as an error. */
export const mendingsMax = 3;
/** First pause after a lost worker; doubles with each. */
const pauseFirstMs = 100;
/** Longest pause. */
const pauseMaxMs = 10_000;
/** A lost invocation of more tasks than this comes back in pieces of this size, then one by one. */
const suspectsTogetherMax = 32;

/** What to do about a failed attempt. */
export type Cure =
  | { readonly kind: "again"; readonly pauseMs: number }
  /** Not counted: the attempt never ran. */
  | { readonly kind: "requeue" }
  /** Flow control: not counted, and fewer invocations at once. */
  | { readonly kind: "slow-down"; readonly pauseMs: number }
  /** Make this input again first. */
  | { readonly kind: "mend"; readonly key: ChunkKey; readonly corrupt: boolean }
  | { readonly kind: "give-up"; readonly poison: boolean }
  /** Nothing can go on like this. */
  | { readonly kind: "stop-jobs" };

/** The circumstances of a failed attempt. */
export interface Attempt {
  /** Extra attempts after a user error. */
  readonly retries: number;
  /** The task has effects. */
  readonly impure: boolean;
  /** Tasks of the invocation that had no answer when it failed: any of them may be guilty. */
  readonly suspects: number;
  /** In [0, 1), for jitter. */
  readonly random: number;
}

/** Decides by the kind of failure, and keeps count in `trouble`: the kinds differ because the cures do. */
export function cureFor(failure: Failure, trouble: Trouble, attempt: Attempt): Cure {
  switch (failure.kind) {
    case "user":
      return afterThrow(trouble, attempt);
    case "timeout":
      // Its effects have happened, and not by a fault of ours: only the user knows whether they may happen again.
      if (attempt.impure && attempt.suspects === 1) return afterThrow(trouble, attempt);
      return afterDeath(false, trouble, attempt);
    case "worker-lost":
    case "store":
      return afterDeath(failure.kind === "worker-lost", trouble, attempt);
    case "memory":
      isolate(trouble, attempt.suspects);
      // Among others, somebody else may have used the memory: only alone does it count.
      if (attempt.suspects === 1) trouble.memoryFailures++;
      if (trouble.memoryFailures >= memoryFailuresMax) return { kind: "give-up", poison: false };
      return { kind: "again", pauseMs: 0 };
    case "throttle":
      return { kind: "slow-down", pauseMs: jittered(pauseFirstMs, attempt.random) };
    case "lost-input":
      return { kind: "mend", key: failure.key, corrupt: false };
    case "corrupt-input":
      return { kind: "mend", key: failure.key, corrupt: true };
    case "mismatch":
    case "fatal":
      return { kind: "stop-jobs" };
    case "returned":
      return { kind: "requeue" };
    default:
      return unreachable(failure);
  }
}

/** A task with which nothing has gone wrong yet. */
export function noTrouble(): Trouble {
  return {
    userFailures: 0,
    deaths: 0,
    deathsAlone: 0,
    memoryFailures: 0,
    batchMax: Number.POSITIVE_INFINITY,
  };
}

function afterThrow(trouble: Trouble, { retries }: Attempt): Cure {
  trouble.userFailures++;
  trouble.batchMax = 1;
  if (trouble.userFailures > retries) return { kind: "give-up", poison: false };
  return { kind: "again", pauseMs: 0 };
}

function afterDeath(poison: boolean, trouble: Trouble, attempt: Attempt): Cure {
  trouble.deaths++;
  if (attempt.suspects === 1) trouble.deathsAlone++;
  isolate(trouble, attempt.suspects);
  if (trouble.deathsAlone >= deathsMax) return { kind: "give-up", poison };
  const doubled = pauseFirstMs * 2 ** (trouble.deaths - 1);
  return { kind: "again", pauseMs: jittered(Math.min(doubled, pauseMaxMs), attempt.random) };
}

function isolate(trouble: Trouble, suspects: number): void {
  const together = suspects > suspectsTogetherMax ? suspectsTogetherMax : 1;
  trouble.batchMax = Math.min(trouble.batchMax, together);
}

/** Half to the whole of it: tasks that failed together do not come back together. */
function jittered(ms: number, random: number): number {
  return ms * (0.5 + random / 2);
}
