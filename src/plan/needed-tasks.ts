import type { StageId } from "../base/ids.ts";
import type { Fragment } from "./fragment.ts";
import { forEachIndex } from "./index-set.ts";
import { forEachInput } from "./mapping-inputs.ts";
import type { Stage } from "./stage.ts";

/** How many tasks of each stage the targets and the watched stages need: what is left after culling. */
export function neededTasks(fragments: readonly Fragment[]): Map<StageId, number> {
  const stages = new Map<StageId, Stage>();
  for (const fragment of fragments)
    for (const stage of fragment.stages) stages.set(stage.id, stage);
  const needs = new Needs(stages);
  for (const { targets, watched } of fragments) {
    for (const { stage, indexes } of targets) {
      forEachIndex(indexes, stages.get(stage)?.count ?? 0, (index) => needs.mark(stage, index));
    }
    for (const stage of watched) {
      for (let i = 0; i < (stages.get(stage)?.count ?? 0); i++) needs.mark(stage, i);
    }
  }
  // Readers come after what they read, so one pass from the end meets every need.
  for (const stage of [...stages.values()].reverse()) needs.spread(stage);
  return needs.counts;
}

class Needs {
  readonly counts: Map<StageId, number> = new Map();
  readonly #stages: ReadonlyMap<StageId, Stage>;
  readonly #marks = new Map<StageId, Uint8Array>();

  constructor(stages: ReadonlyMap<StageId, Stage>) {
    this.#stages = stages;
    for (const [id, stage] of stages) {
      this.#marks.set(id, new Uint8Array(stage.count));
      this.counts.set(id, 0);
    }
  }

  mark(id: StageId, index: number): void {
    const marks = this.#marks.get(id);
    if (marks === undefined || marks[index] === 1) return;
    marks[index] = 1;
    this.counts.set(id, (this.counts.get(id) ?? 0) + 1);
  }

  spread(stage: Stage): void {
    const marks = this.#marks.get(stage.id) ?? new Uint8Array();
    const counts = stage.slots.map((slot) => this.#stages.get(slot.stage)?.count);
    // A graph stage reads its own earlier indexes, so they are gone through from the end.
    for (let index = marks.length - 1; index >= 0; index--) {
      if (marks[index] !== 1) continue;
      for (const [i, slot] of stage.slots.entries()) {
        const count = counts[i];
        if (count === undefined) continue;
        forEachInput(slot.mapping, index, count, (producer) => this.mark(slot.stage, producer));
      }
    }
  }
}
