import type { StageId } from "../base/ids.ts";
import type { IndexSet } from "./index-set.ts";
import type { Stage, StageManifest } from "./stage.ts";

/** Chunks that somebody waits for. */
export interface Target {
  /** Position in the list of expressions that were asked for. */
  readonly position: number;
  readonly stage: StageId;
  readonly indexes: IndexSet;
}

/** Part of a plan: what can run now. A plan is a first fragment and what `expand` adds when stages finish. */
export interface Fragment {
  /** In topological order; slots may name stages of earlier fragments. */
  readonly stages: readonly Stage[];
  /** Targets that have become known with this fragment. */
  readonly targets: readonly Target[];
  /** Stages whose manifests `expand` waits for; one that has finished already is given to it at once. */
  readonly watched: readonly StageId[];
}

/** A plan that passed the memory check: only that can run. */
export interface CheckedPlan {
  readonly first: Fragment;
  /** Targets in all. */
  readonly targetCount: number;
  /** No I/O; the same answer when asked again: what can run once the stage has finished. Throws if that would not fit. */
  expand(manifest: StageManifest): Fragment;
}
