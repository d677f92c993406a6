import type { ScheduleState } from "./state.ts";
/** Checks. */
export function checkRun(_state: ScheduleState): void {}
