import { unreachable } from "../../base/assert.ts";
import type { RunId, StageId } from "../../base/ids.ts";
import type { RunEvent } from "../../schedule/run-event.ts";

/** A stage as people watch it. */
export interface StageView {
  label: string;
  /** Tasks that are needed, those found done included. */
  tasks: number;
  done: number;
  /** Of those done, what was there and did not run. */
  found: number;
  /** Results that tasks gave since. */
  ran: number;
  running: number;
  retries: number;
  bytes: number;
  startedMs: number | undefined;
  finishedMs: number | undefined;
  /** When a task was last sent or answered. */
  heardMs: number | undefined;
}

/** A run as people watch it. */
export interface RunView {
  readonly run: RunId;
  readonly name: string;
  readonly startedMs: number;
  readonly resumed: boolean;
  readonly stages: Map<StageId, StageView>;
  /** Stages of which something was heard before they were announced. */
  readonly unannounced: Map<StageId, StageView>;
  /** Finished stages that are not listed any more: futures may make any number. */
  gone: number;
  /** Jobs of the run that have not ended: futures of one client are one run of many jobs. */
  jobs: number;
  slots: number;
  failed: number;
  finished:
    | { readonly atMs: number; readonly outcome: "done" | "failed" | "cancelled" }
    | undefined;
}

/** Beyond this many, finished stages of a run are only counted. */
const stagesMax = 200;

/** Runs under way. */
export type ProgressState = Map<RunId, RunView>;

/** Takes an event in; gives the run it belongs to, if that is known. */
export function applyEvent(state: ProgressState, event: RunEvent): RunView | undefined {
  if (event.kind === "run-started") return begin(state, event);
  const run = state.get(event.run);
  if (!run) return undefined;
  if (!("stage" in event)) return applyToRun(state, run, event);
  const stage = stageOf(run, event.stage);
  switch (event.kind) {
    case "stage-added":
      announce(run, stage, event);
      break;
    case "tasks-started":
      stage.startedMs ??= event.atMs;
      stage.heardMs = event.atMs;
      stage.running += event.count;
      break;
    case "tasks-done":
      stage.ran += event.count;
      stage.done = Math.min(stage.tasks, stage.done + event.count);
      stage.running = Math.max(0, stage.running - event.count);
      stage.bytes += event.bytes;
      stage.heardMs = event.atMs;
      break;
    case "task-retried":
      stage.retries += 1;
      stage.heardMs = event.atMs;
      stage.running = Math.max(0, stage.running - 1);
      break;
    case "task-failed":
      run.failed += 1;
      stage.running = Math.max(0, stage.running - 1);
      break;
    case "stage-finished":
      stage.done = stage.tasks;
      stage.running = 0;
      stage.bytes = event.bytes;
      stage.finishedMs = event.atMs;
      if (run.stages.size > stagesMax && run.stages.delete(event.stage)) run.gone += 1;
      break;
    case "task-differs":
      // The first answer counts; nothing that is shown here changes.
      break;
    default:
      unreachable(event);
  }
  return run;
}

function applyToRun(
  state: ProgressState,
  run: RunView,
  event: Extract<RunEvent, { kind: "slots" | "run-finished" }>,
): RunView {
  if (event.kind === "slots") {
    run.slots = event.slots;
    return run;
  }
  run.jobs -= 1;
  if (run.jobs === 0) {
    run.finished = { atMs: event.atMs, outcome: event.outcome };
    for (const stage of run.stages.values()) {
      if (stage.tasks > 0 && stage.done >= stage.tasks) stage.finishedMs ??= event.atMs;
    }
    state.delete(event.run);
  }
  return run;
}

function begin(state: ProgressState, event: Extract<RunEvent, { kind: "run-started" }>): RunView {
  const known = state.get(event.run);
  if (known) {
    known.jobs += 1;
    return known;
  }
  const run: RunView = {
    run: event.run,
    name: event.name,
    startedMs: event.atMs,
    resumed: event.resumed,
    stages: new Map(),
    unannounced: new Map(),
    gone: 0,
    jobs: 1,
    slots: 0,
    failed: 0,
    finished: undefined,
  };
  state.set(event.run, run);
  return run;
}

function stageOf(run: RunView, id: StageId): StageView {
  const known = run.stages.get(id) ?? run.unannounced.get(id);
  if (known) return known;
  const stage: StageView = {
    label: "",
    tasks: 0,
    done: 0,
    found: 0,
    ran: 0,
    running: 0,
    retries: 0,
    bytes: 0,
    startedMs: undefined,
    finishedMs: undefined,
    heardMs: undefined,
  };
  run.unannounced.set(id, stage);
  return stage;
}

function announce(
  run: RunView,
  stage: StageView,
  event: Extract<RunEvent, { kind: "stage-added" }>,
): void {
  stage.label = event.label;
  // Told again when a look into the store has shown what is there and what is needed.
  stage.tasks = event.tasks;
  stage.done = Math.max(stage.done, event.cached);
  stage.found = Math.max(stage.found, event.cached - stage.ran);
  stage.finishedMs = event.cached === event.tasks ? event.atMs : undefined;
  run.unannounced.delete(event.stage);
  run.stages.set(event.stage, stage);
}
