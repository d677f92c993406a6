/** A mistake that the simulation must find: `text` of `file` becomes `bug` when the module is loaded. */
export interface PlantedBug {
  readonly name: string;
  /** Below `src/`. */
  readonly file: string;
  /** Must occur exactly once. */
  readonly text: string;
  readonly bug: string;
  /** Seeds within which it must be found. */
  readonly seedsMax: number;
  /** What must find it, if not the simulation: that runs no store of files and no processes. */
  readonly by?: "store" | "pool";
}

/** The environment variable that names the bug to plant. */
export const plantedBugVariable = "LAMBDASK_TEST_PLANTED_BUG";

/** Mistakes somebody could make, in the rooms that simulations drive. */
export const plantedBugs: readonly PlantedBug[] = [
  {
    name: "a task runs before its last input is done",
    file: "schedule/finish.ts",
    text: "if (missing === 0) makeReady(state, stage, index);",
    bug: "if (missing <= 1) makeReady(state, stage, index);",
    seedsMax: 50,
  },
  {
    name: "the only task that a dead worker left unanswered is forgotten",
    file: "schedule/answer.ts",
    text: "if (invocation.unanswered > 0) takeLoss",
    bug: "if (invocation.unanswered > 1) takeLoss",
    seedsMax: 500,
  },
  {
    name: "throttles count as deaths",
    file: "schedule/retry.ts",
    text: 'return { kind: "slow-down", pauseMs: jittered(pauseFirstMs, attempt.random) };',
    bug: "return afterDeath(false, trouble, attempt);",
    seedsMax: 500,
  },
  {
    name: "one retry fewer than was asked for",
    file: "schedule/retry.ts",
    text: "if (trouble.userFailures > retries)",
    bug: "if (trouble.userFailures >= retries)",
    seedsMax: 1000,
  },
  {
    name: "readers go on though their input is being made again",
    file: "schedule/finish.ts",
    text: "for (const slot of stage.listeners.of(index)) holdReaders(slot, index);",
    bug: "",
    seedsMax: 1000,
  },
  {
    name: "a chunk that a listing does not show counts as there",
    file: "schedule/step.ts",
    text: "if (stage.states[index] === checking) want.settle(stage, index);",
    bug: "if (stage.states[index] === checking) finishTask(state, stage, index);",
    seedsMax: 500,
  },
  {
    name: "all inline results of a journal record are read at the same place",
    file: "schedule/journal.ts",
    text: "    inlinePlace += inlineLength;",
    bug: "",
    seedsMax: 1000,
  },
  {
    name: "results are dropped while somebody still reads them",
    file: "schedule/lifetimes.ts",
    text: "stage.watchers.size > 0 || stage.busyReaders > 0",
    bug: "stage.watchers.size > 0",
    seedsMax: 500,
  },
  {
    name: "the chunks of a finished run go though another client pins them",
    file: "schedule/run-record.ts",
    text: "!pinned.has(name) && !kept.has(name)",
    bug: "!kept.has(name)",
    seedsMax: 2000,
  },
  {
    name: "dependents of a failed task wait for ever",
    file: "schedule/fail.ts",
    text: "if (consumer.states[dependent] !== waiting) return;",
    bug: "if (consumer.states[dependent] === waiting) return;",
    seedsMax: 500,
  },
  {
    name: "the second answer replaces the first, which others have read",
    file: "schedule/replies.ts",
    text: "if (state !== done && state !== failed) fresh.push(result);",
    bug: "if (state !== failed) fresh.push(result);",
    seedsMax: 4000,
  },
  {
    name: "nobody wakes the scheduler when a pause is over",
    file: "schedule/step.ts",
    text: 'state.effects.push({ kind: "wake", atMs });',
    bug: "",
    seedsMax: 500,
  },
  {
    name: "a barrier opens one chunk too early",
    file: "schedule/finish.ts",
    text: "if (closed > 1) return;",
    bug: "if (closed > 2) return;",
    seedsMax: 50,
  },
  {
    name: "a cancelled job's tasks go on",
    file: "schedule/step.ts",
    text: "letGoUnwanted(state);",
    bug: "",
    seedsMax: 1000,
  },
  {
    name: "a consumer of a two-stage exchange reads its neighbour's part",
    file: "plan/mapping-inputs.ts",
    text: 'if (mapping.kind === "combined") return index % mapping.fine;',
    bug: 'if (mapping.kind === "combined") return (index + 1) % mapping.fine;',
    seedsMax: 200,
  },
  {
    name: "the last, smaller group of a reduce is not told of its inputs",
    file: "plan/mapping-dependents.ts",
    text: "visitBelow(Math.floor(producer / mapping.size), 1, consumerCount, visit);",
    bug: "visitBelow(Math.floor(producer / mapping.size), 1, consumerCount - 1, visit);",
    seedsMax: 3000,
  },
  {
    name: "a write replaces a chunk that is there",
    file: "local/memory-store.ts",
    text: 'if (this.#objects.has(key)) return "existed";',
    bug: "",
    seedsMax: 3000,
  },
  {
    name: "a listing shows nothing",
    file: "local/memory-store.ts",
    text: "if (key.startsWith(prefix)) yield",
    bug: "if (!key.startsWith(prefix)) yield",
    seedsMax: 500,
  },
  {
    name: "a chunk that is there is no reason against another by link",
    file: "local/publish.ts",
    text: 'if (code === "EEXIST") return "existed";',
    bug: 'if (code === "EEXIST") return "written";',
    seedsMax: 20,
    by: "store",
  },
  {
    name: "where there are no links, the last writer wins",
    file: "local/publish.ts",
    text: 'if (fs.stat(target) !== undefined) return "existed";',
    bug: "",
    seedsMax: 20,
    by: "store",
  },
  {
    name: "a chunk is deleted whatever its version",
    file: "local/file-store.ts",
    text: "if (ifVersion === undefined) {",
    bug: "if (ifVersion !== undefined) {",
    seedsMax: 20,
    by: "store",
  },
  {
    name: "a claim is taken though another process holds it",
    file: "local/claim.ts",
    text: 'if (systemCode(error) === "EEXIST") return false;',
    bug: 'if (systemCode(error) === "EEXIST") return true;',
    seedsMax: 20,
    by: "store",
  },
  {
    name: "the claim of a living process counts as a dead one's",
    file: "local/claim.ts",
    text: "return writer !== undefined && isAbandoned(writer, stat.modifiedMs, claimAgeMs);",
    bug: "return writer !== undefined;",
    seedsMax: 20,
    by: "store",
  },
  {
    name: "a lease is taken over whatever its version",
    file: "local/file-run-store.ts",
    text: 'if ((stat === undefined ? "" : versionOf(stat)) !== ifVersion) return false;',
    bug: "",
    seedsMax: 20,
    by: "store",
  },
  {
    name: "what a worker answered before its death is forgotten",
    file: "local/worker-process.ts",
    text: "before.call.resolve(this.#lost(before.call.results, failure));",
    bug: "before.call.resolve(this.#lost([], failure));",
    seedsMax: 3,
    by: "pool",
  },
  {
    name: "a pool takes one invocation more than it has slots",
    file: "local/process-pool.ts",
    text: "return this.#slots.busy >= this.#slots.count",
    bug: "return this.#slots.busy > this.#slots.count",
    seedsMax: 3,
    by: "pool",
  },
  {
    name: "the deadline of an answered invocation goes on",
    file: "local/worker-process.ts",
    text: `        this.#state = { kind: "idle" };
        call.stop();`,
    bug: `        this.#state = { kind: "idle" };`,
    seedsMax: 3,
    by: "pool",
  },
];
