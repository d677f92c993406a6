import type { RunEvent } from "../../schedule/run-event.ts";

/** Runs shorter than this show nothing, and load nothing to show it with. */
export const quietMs = 500;

/** Shows runs by their events. The first ones come late, all at once. */
export interface ProgressDisplay {
  take(event: RunEvent): void;
  /** Time has passed without an event. */
  tick?(nowMs: number): void;
}
