import type { ContentName, InvocationId, StageId } from "../base/ids.ts";
import type { RareMap, RareSet } from "../base/rare.ts";
import type { IndexSet } from "../plan/index-set.ts";
import type { InputMapping } from "../plan/mapping.ts";
import type { Stage } from "../plan/stage.ts";
import type { EndedInputs, TaskFailure } from "./driver.ts";
import type { Durations } from "./durations.ts";
import type { Effect, TargetEnd } from "./effect.ts";
import type { Listeners } from "./listeners.ts";
import type { ReadySet } from "./ready-set.ts";
import type { TaskStack } from "./task-stack.ts";
import type { TaskStates } from "./task-state.ts";

/** What went wrong with a task so far; kept only for tasks with which something did. */
export interface Trouble {
  userFailures: number;
  /** Workers that ended, or deadlines that passed, while they ran it. */
  deaths: number;
  /** Of these, the ones when it was the only suspect: among others, somebody else may have been guilty. */
  deathsAlone: number;
  memoryFailures: number;
  /** It may share an invocation with no more tasks than this. */
  batchMax: number;
}

/** How often a chunk had to be made again, and since which invocation its present bytes are there. */
interface Mending {
  count: number;
  /** Invocations with lower ids may have read the old bytes: what they say of it is stale. */
  validFrom: number;
}

/** One input of a stage, as the machine follows it. */
export interface SlotState {
  readonly producer: StageState;
  readonly consumer: StageState;
  readonly mapping: InputMapping;
  /**
   * Consumers that read the very same chunks stand behind one gate: how many of those chunks are not done, or −1
   * before anybody wanted them. Absent for mappings whose consumers are counted one by one.
   */
  readonly gates: Int32Array | undefined;
  /** 1 for gates all of whose chunks have been asked for. */
  readonly gatesWanted: Uint8Array | undefined;
}

/** A stage in the machine. Per task: a byte of state, two of attempts, a counter, a few bits. */
export interface StageState {
  readonly stage: Stage;
  /** Rises along the data: no stage reads one with a higher number. */
  readonly order: number;
  readonly slots: SlotState[];
  /** Slots of other stages (and its own, of a graph) that read this stage. */
  readonly readers: RareSet<SlotState>;
  /** Those of them that must hear of its chunks. */
  readonly listeners: Listeners<SlotState>;
  /** Readers of other stages that have unfinished tasks. */
  busyReaders: number;
  readonly states: TaskStates;
  readonly attempts: Uint16Array;
  /** Inputs and gates that are not done; right for waiting, ready and pausing tasks. */
  readonly missing: Uint8Array | Int32Array;
  readonly ready: ReadySet;
  /** Ready tasks that may only run in small batches; made when there is one. */
  suspects: ReadySet | undefined;
  readonly troubles: RareMap<number, Trouble>;
  readonly mendings: RareMap<number, Mending>;
  readonly failures: RareMap<number, FailureRecord>;
  /** Blocks whose listing is under way. */
  readonly listing: RareSet<number>;
  /** Tasks that a reader of a finished target wants again. */
  readonly recovering: RareSet<number>;
  /** Tasks whose chunks some holder has let go of: they go one by one, when nobody else needs them. */
  readonly loose: RareSet<number>;
  /** Jobs whose fragments name it. Not those that only need it for what they name: its readers keep it for them. */
  readonly jobs: Set<JobState>;
  /** Of jobs that were not released. */
  readonly targets: Set<TargetState>;
  /** Targets that have not ended. */
  readonly openTargets: Set<TargetState>;
  /** Jobs that have not ended and wait for its manifest. */
  readonly watchers: RareSet<JobState>;
  readonly durations: Durations;
  /** Tasks in an unfinished state. */
  unfinished: number;
  /** Tasks that are done. */
  finished: number;
  /** Invocations under way. */
  invocations: number;
  /** Steps to the nearest target: closer runs first. */
  distance: number;
  /** True while the stage stands in the list of ready stages. */
  listed: boolean;
  /** Largest batch that was answered: batches grow from it. */
  batchAnswered: number;
  /** Most tasks that fitted into one message. */
  batchMax: number;
  /** The largest result that came in a reply: replies must not grow beyond a message. */
  inlineBytesMax: number;
  /** Its stored chunks outlive the jobs. */
  keep: boolean;
  /** Its results were dropped, and not made again since. */
  dropped: boolean;
  /** Some of its chunks are in the store only: they may be lost, and then its tasks run again. */
  stored: boolean;
  /** All of it is done for good, so it does not need what it has read: it reads nothing any more. */
  settled: boolean;
}

/** A failure, and when it was recorded: jobs that came later try again. */
interface FailureRecord {
  readonly failure: TaskFailure;
  readonly sequence: number;
}

/** Chunks that a job waits for. */
export interface TargetState {
  readonly job: JobState;
  readonly position: number;
  readonly stage: StageState;
  readonly indexes: IndexSet;
  /** Indexes that have not ended. */
  remaining: number;
  /** Indexes that ended without a chunk: cancelled or failed. */
  readonly without: RareSet<number>;
  /** Indexes that its holder has let go of. */
  readonly released: RareSet<number>;
  failure: TaskFailure | undefined;
  ended: boolean;
}

/** A job in the machine. */
export interface JobState {
  readonly id: number;
  /** Its place in time, beside failures. */
  readonly sequence: number;
  readonly onError: "fail" | "continue";
  readonly lookForChunks: boolean;
  readonly keep: "none" | "targets" | "all";
  /** Names of its stages are of this client only: chunks that nobody needs any more go one by one. */
  readonly ownNames: boolean;
  readonly targetCount: number;
  readonly endedInputs: EndedInputs;
  /** What its fragments name: their stages, targets and watched stages, and what those read. */
  readonly stages: Set<StageState>;
  /** The plan's ids of stages that were already there under another id. */
  readonly aliases: RareMap<StageId, StageState>;
  /** By position. */
  readonly targets: Map<number, TargetState>;
  /** Targets and watched stages that `begin` will ask for. */
  readonly notBegun: { targets: TargetState[]; watched: StageState[] };
  /** Fragments that are still to come: watched stages that have not finished or not been expanded. */
  expanding: number;
  /** The failure of a watched stage: targets that never became known end with it. */
  watchFailure: TaskFailure | undefined;
  readonly endedPositions: Set<number>;
  outcome: "done" | "failed" | "cancelled";
  ended: boolean;
}

/** Tasks that wait for a moment. */
interface Pause {
  readonly untilMs: number;
  readonly stage: StageState;
  readonly indexes: number[];
}

/** An invocation under way. */
export interface InvocationState {
  readonly id: InvocationId;
  readonly stage: StageState;
  /** Rising. */
  readonly indexes: readonly number[];
  /** 1 per position that has been answered. */
  readonly answered: Uint8Array;
  unanswered: number;
  readonly startedMs: number;
  /** The other invocation that runs the same tasks: a backup, or what it backs up. */
  twin: InvocationState | undefined;
  /** Is or once had a backup: there is one to an attempt, or a task that always fails would run for ever. */
  backedUp: boolean;
}

/** What the machine knows of the backend. */
export interface ScheduleLimits {
  readonly invocationOverheadMs: number;
  readonly invocationMsMax: number;
  readonly payloadBytesMax: number;
}

/** The whole state: owned and changed by `step` only. */
export interface ScheduleState {
  readonly limits: ScheduleLimits;
  readonly stages: Map<StageId, StageState>;
  readonly names: Map<ContentName, StageState>;
  readonly jobs: Map<number, JobState>;
  /** Stages with ready tasks, the most urgent first: a heap. */
  readonly readyStages: StageState[];
  readonly invocations: Map<InvocationId, InvocationState>;
  readonly pauses: Pause[];
  /** Found in this step and dealt with at its end: stages that may be droppable, settled or nobody's now. */
  readonly dropCandidates: Set<StageState>;
  /** Tasks that perhaps nobody wants any more, and failed ones, which want nothing any more. */
  readonly doubtful: TaskStack<StageState>;
  /** Loose chunks that jobs may read which have not begun: doubtful again when one has. */
  readonly postponed: TaskStack<StageState>;
  /** Running tasks that nobody wants since this step. */
  readonly orphans: Map<StageState, Set<number>>;
  readonly stopping: Map<JobState, TargetEnd>;
  readonly endedJobs: Set<JobState>;
  readonly expansionsEnded: Set<JobState>;
  readonly chunksDone: Map<StageState, number[]>;
  slots: number;
  /** Invocations allowed at once by flow control; grows by replies, halves by throttles. */
  window: number;
  /** Throttles of invocations with lower ids have been answered by the last halving. */
  windowFrom: number;
  nextInvocation: number;
  /** Some chunk was made again: until then no task looks whether one of its inputs was. */
  hasMended: boolean;
  /** Some chunk is loose: until then no task looks whether one of its inputs is. */
  hasLoose: boolean;
  nextOrder: number;
  sequence: number;
  nowMs: number;
  random: number;
  /** When the last wake-up that was asked for comes. */
  wakeAtMs: number;
  effects: Effect[];
}
