import { forEachIndex, hasIndex } from "../plan/index-set.ts";
import { undoTask } from "./finish.ts";
import { gateOfProducer } from "./gates.ts";
import { isReadNow } from "./read-now.ts";
import type { ScheduleState, StageState, TargetState } from "./state.ts";
import { endIndex, waitsFor } from "./targets.ts";
import { done } from "./task-state.ts";

/** Lets go of one result of a target whose others are held: the chunk goes when nobody needs it. */
export function releaseIndex(state: ScheduleState, target: TargetState, index: number): void {
  const { stage } = target;
  const isTold = stage.states[index] === done && stage.openTargets.has(target);
  if (!isTold && waitsFor(target, index)) {
    endIndex(state, target, index, "cancelled");
  }
  target.released.add(index);
  loosen(state, stage, index);
}

/** A target is about to go, and other jobs use its stage: what only it held is held by nobody. */
export function loosenRest(state: ScheduleState, { job, stage, indexes }: TargetState): void {
  if (stage.jobs.size < 2 || !(job.ownNames || stage.loose.size > 0)) return;
  forEachIndex(indexes, stage.stage.count, (index) => {
    if (job.ownNames || stage.loose.has(index)) loosen(state, stage, index);
  });
}

function loosen(state: ScheduleState, stage: StageState, index: number): void {
  stage.loose.add(index);
  state.hasLoose = true;
  state.doubtful.push(stage, index);
}

/** The first target again of a stage that had none: looks at what was left of the others. */
export function doubtLeft(state: ScheduleState, stage: StageState): void {
  if (stage.targets.size > 0) return;
  for (const index of stage.loose) state.doubtful.push(stage, index);
}

/** Looks again at chunks that a job might have read which had not begun or been planned. */
export function doubtPostponed({ doubtful, postponed }: ScheduleState): void {
  for (let task = postponed.pop(); task !== undefined; task = postponed.pop()) {
    doubtful.push(task.stage, task.index);
  }
}

/** Drops a loose chunk that nobody needs: one that others hold or read is looked at again when they let go of it. */
export function dropLoose(state: ScheduleState, stage: StageState, index: number): void {
  const need = needOf(stage, index);
  if (need === "soon") state.postponed.push(stage, index);
  if (need !== "none") return;
  undoTask(stage, index);
  for (const slot of stage.readers) {
    const gate = slot.gatesWanted === undefined ? -1 : gateOfProducer(slot, index);
    // Who wants it next asks for its chunks anew.
    if (gate >= 0 && slot.gatesWanted) slot.gatesWanted[gate] = 0;
  }
  const last = state.effects.at(-1);
  const { id } = stage.stage;
  if (last?.kind === "drop-chunks" && last.stage === id) last.indexes.push(index);
  else state.effects.push({ kind: "drop-chunks", stage: id, indexes: [index] });
}

/** Who needs a finished chunk that some holder has let go of: perhaps only a job that is still to say what it reads. */
export function needOf(stage: StageState, index: number): "some" | "soon" | "none" {
  // What reads others goes as a whole: once it is settled, none of it could be made again.
  if (stage.slots.length > 0 || stage.settled || stage.stage.kind === "data") return "some";
  if (stage.keep || stage.stage.isStored) return "some";
  if (stage.recovering.has(index) || isHeld(stage, index) || isReadNow(stage, index)) return "some";
  if (stage.watchers.size > 0) return "soon";
  for (const { ended, expanding, notBegun } of stage.jobs) {
    if (ended) continue;
    if (expanding + notBegun.targets.length + notBegun.watched.length > 0) return "soon";
  }
  return "none";
}

function isHeld(stage: StageState, index: number): boolean {
  for (const target of stage.targets) {
    if (!target.released.has(index) && hasIndex(target.indexes, index, stage.stage.count)) {
      return true;
    }
  }
  return false;
}
