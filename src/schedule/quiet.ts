import type { ScheduleState, StageState } from "./state.ts";

/** Notes that no task of the stage is wanted and unfinished: what it reads may be droppable now, or it itself. */
export function quiet(state: ScheduleState, stage: StageState): void {
  state.dropCandidates.add(stage);
  for (const { producer } of stage.slots) state.dropCandidates.add(producer);
}
