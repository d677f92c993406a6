/** Not wanted by anybody, or its result was dropped. */
export const idle = 0;
/** Wanted; a listing will say whether its chunk is in the store. */
export const checking = 1;
/** Wanted; some input is not done. */
export const waiting = 2;
/** All inputs are done: may be submitted. */
export const ready = 3;
/** Part of an invocation that has not answered for it. */
export const running = 4;
/** Failed and will be tried again after a pause. */
export const pausing = 5;
/** Its chunk is being moved aside before it is made again. */
export const mending = 6;
/** Part of an invocation, but nobody wants it any more. */
export const orphaned = 7;
/** Its result is known or its chunk is in the store. */
export const done = 8;
/** Failed for good, or depends on a task that did. */
export const failed = 9;

/** One byte per task: one of the constants of this file. */
export type TaskStates = Uint8Array;

/** For messages, by state. */
export const taskStateNames: readonly string[] = [
  "idle",
  "checking",
  "waiting",
  "ready",
  "running",
  "pausing",
  "mending",
  "orphaned",
  "done",
  "failed",
];

/** True for states in which somebody wants the task and it has not ended. */
export function isUnfinished(state: number): boolean {
  return state >= checking && state <= mending;
}
