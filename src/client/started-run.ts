import type { FilesAway } from "../backend/backend.ts";
import { present, unreachable } from "../base/assert.ts";
import { nameOf } from "../base/content-name.ts";
import { LambdaskError } from "../base/errors.ts";
import type { FrozenSettings } from "../config/resolve.ts";
import type { CheckedPlan, Fragment } from "../plan/fragment.ts";
import { type ExplainedPlan, planTargets } from "../plan/planner.ts";
import type { EndedInputs, JobHandle, TargetOutcome } from "../schedule/driver.ts";
import type { OpenRun } from "../schedule/run-keeper.ts";
import { askedForAt, type CallSite } from "./call-site.ts";
import type { ChunkEnd } from "./chunk-ends.ts";
import type { LazyWork } from "./collection.ts";
import { endedInputsOf, isOfCancelled } from "./ended-inputs.ts";
import type { Engine } from "./engine.ts";
import { restored } from "./kept-expr.ts";
import { mergeTargets, type PlanTarget, type RunTarget } from "./run-targets.ts";
import { RunStages } from "./stage-table.ts";
import { takeFiles } from "./take-files.ts";

/** How works are to be run. */
export interface RunOptions {
  /** For people: `compute`. */
  readonly name: string;
  readonly site: CallSite;
  readonly onError: "fail" | "collect";
  readonly signal?: AbortSignal | undefined;
  /** Settings by name that hold for this run. */
  readonly settings?: FrozenSettings;
  /** Results of pure work are kept for later programs, and those of earlier ones are used. */
  readonly reuse: boolean;
  /** Target chunks outlive the run. */
  readonly persist: boolean;
  /** The run of the job whose tasks returned the works; left out: they get a run of their own. */
  readonly within?: SharedRun;
}

/** A run that is open: of one job, and of those for work that its tasks returned. */
interface SharedRun {
  readonly run: OpenRun;
  /** One of its jobs was cut off: the same program goes on with it. */
  isLeft: boolean;
}

/** Works that are being run as one job. */
export interface StartedRun {
  /** The job's own, or that of the job whose tasks returned the works. */
  readonly shared: SharedRun;
  readonly isOwn: boolean;
  readonly handle: JobHandle;
  readonly targets: readonly RunTarget[];
  /** Per target, how its chunks ended so far, by index. */
  readonly ends: readonly Map<number, ChunkEnd>[];
  /** Stages of the plan so far. */
  readonly stages: RunStages;
}

/** Plans `works`, opens a run for them (or takes up one that was cut off) and submits them. */
export async function startRun(
  engine: Engine,
  works: readonly LazyWork[],
  options: RunOptions,
): Promise<StartedRun> {
  if (options.signal?.aborted || engine.active.interrupted)
    throw cancelled(options.signal, options.site);
  const targets = mergeTargets(works);
  const key = nameOf(targets.map(({ expr, indexes }) => [expr.name, indexes, options.persist]));
  const filesAway = await takeFiles(
    engine,
    targets.map(({ expr }) => expr),
  );
  const { within } = options;
  if (within)
    return submitRun(engine, { shared: within, isOwn: false, targets, filesAway }, options);
  const settings = { ...engine.settings, ...options.settings };
  const run = await engine.keeper.open({ key, name: options.name, settings });
  try {
    if (run.journal) engine.driver.recall(run.journal);
    const shared = { run, isLeft: false };
    return submitRun(engine, { shared, isOwn: true, targets, filesAway }, options);
  } catch (error) {
    // What an earlier process has finished stays for a program that can go on with it.
    await (run.resumed ? run.leave() : run.finish());
    throw error;
  }
}

/** A run before its work is submitted. */
interface OpenedRun extends Pick<StartedRun, "shared" | "isOwn" | "targets"> {
  readonly filesAway: FilesAway | undefined;
}

function submitRun(
  engine: Engine,
  { shared, isOwn, targets, filesAway }: OpenedRun,
  options: RunOptions,
): StartedRun {
  const { persist } = options;
  const { run } = shared;
  const planning = { nonce: run.run, store: persist, filesAway };
  const { plan, stages, endedInputs } = planOf(engine, targets, planning);
  const ends = targets.map(() => new Map<number, ChunkEnd>());
  const handle = engine.driver.submit({
    run: run.run,
    name: options.name,
    plan,
    endedInputs,
    lookForChunks: run.resumed || options.reuse || persist,
    journal: true,
    keep: options.reuse ? "all" : options.persist ? "targets" : "none",
    onError: options.onError === "fail" ? "fail" : "continue",
    ...(options.signal ? { signal: options.signal } : {}),
    onChunk: (target, chunk) => ends[target]?.set(chunk.index, { kind: "done", chunk }),
    onChunkFailed: (target, index, end) =>
      ends[target]?.set(
        index,
        end === "cancelled" ? { kind: "cancelled" } : { kind: "failed", failure: end },
      ),
  });
  return { shared, isOwn, handle, targets, ends, stages };
}

/** Resolves with how the targets ended; the job counts as active until then. */
export async function settle(
  engine: Engine,
  started: StartedRun,
): Promise<readonly TargetOutcome[]> {
  engine.active.add(started.handle);
  try {
    const outcomes = await started.handle.outcomes;
    await engine.active.quiet();
    for (const [target, outcome] of outcomes.entries()) {
      if (outcome.kind !== "done") continue;
      const ends = present(started.ends[target], "a target's chunks");
      for (const chunk of outcome.chunks) ends.set(chunk.index, { kind: "done", chunk });
    }
    return outcomes;
  } finally {
    engine.active.delete(started.handle);
  }
}

/** Lets go of a run whose results were read. One that was cut off stays, so that the same program resumes it. */
export async function endRun(
  { driver }: Engine,
  { handle, stages, shared, isOwn }: StartedRun,
  outcomes: readonly TargetOutcome[],
): Promise<void> {
  const { run } = shared;
  shared.isLeft ||= outcomes.some(mayGoBetter);
  const left = shared.isLeft;
  handle.release({ left });
  stages.release();
  if (!isOwn) return;
  // Whoever cannot be told that the run was left takes it over when this process has ended.
  if (left) return driver.afterDeletions(() => run.leave()).catch(() => undefined);
  // The record goes when nothing of the run is left: until then it tells other clients what is being deleted.
  const finish = (): Promise<void> => driver.afterDeletions(() => run.finish());
  const { lateWork } = handle;
  if (lateWork === undefined) return finish();
  // What workers still do for a failed run is nothing to wait for.
  void lateWork.then(finish).catch(() => undefined);
}

/** True for ends that are not the work's fault: the same program may get further later. */
function mayGoBetter(outcome: TargetOutcome): boolean {
  switch (outcome.kind) {
    case "cancelled":
    case "refused":
      return true;
    case "failed":
      if (isOfCancelled(outcome.failure)) return false;
      return outcome.failure.failure.kind === "fatal" || outcome.failure.failure.kind === "store";
    case "done":
      return false;
    default:
      return unreachable(outcome);
  }
}

/** The error of work that was cancelled, asked for at `site`. */
export function cancelled(signal: AbortSignal | undefined, site: CallSite): LambdaskError {
  const error = new LambdaskError("CANCELLED", {
    message: "the work was cancelled; what was finished is kept",
    fix: "run the same program again to resume",
    ...(signal?.aborted ? { cause: signal.reason } : {}),
  });
  return askedForAt(site, error);
}

/** How targets are planned. */
interface PlanningOptions {
  readonly nonce: string;
  readonly store: boolean;
  readonly filesAway?: FilesAway | undefined;
}

/** A plan, and what the job needs beside it. */
interface PlannedRun {
  readonly plan: ExplainedPlan;
  readonly stages: RunStages;
  readonly endedInputs: EndedInputs;
}

/** A plan for `targets`, and its stages as far as they are known. */
export function planOf(
  engine: Engine,
  targets: readonly PlanTarget[],
  options: PlanningOptions,
): PlannedRun {
  const { driver, backend } = engine;
  const { store, filesAway } = options;
  const { roots, futures } = restored(
    engine,
    targets.map(({ expr }) => expr),
  );
  const plan = planTargets({
    targets: targets.map(({ expr, indexes }, i) => ({ expr: roots[i] ?? expr, indexes, store })),
    limits: backend.limits,
    nextStageId: () => driver.nextStageId(),
    stageNamed: (name) => driver.stageNamed(name),
    runNonce: options.nonce,
    setUp: engine.hooks.worker?.shipped,
    ...(filesAway === undefined ? {} : { filesAway }),
  });
  const stages = new RunStages(engine.stages, driver);
  const note = (fragment: Fragment): Fragment => {
    stages.note(fragment);
    return fragment;
  };
  note(plan.first);
  const expand: CheckedPlan["expand"] = (manifest) => note(plan.expand(manifest));
  return { plan: { ...plan, expand }, stages, endedInputs: endedInputsOf(futures) };
}
