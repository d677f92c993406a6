import type { Socket } from "node:net";
import type { Failure } from "../backend/failure.ts";
import type { Program } from "../backend/program.ts";
import type { Invocation, TaskResult } from "../backend/task.ts";
import { present, unreachable } from "../base/assert.ts";
import type { InvocationHooks } from "../worker/run-task.ts";
import { UnwantedTasks } from "../worker/unwanted-tasks.ts";
import { FrameReader, writeFrame } from "./framing.ts";
import { decodeToWorker, encodeFromWorker, type FromWorker, type ToWorker } from "./message.ts";
import { ProgramTable } from "./program-table.ts";

/** How a worker runs one invocation: `onResult` is called as each task ends. */
type RunInvocation = (invocation: Invocation, hooks: InvocationHooks) => Promise<void>;

/** What a worker needs besides the way to run invocations. */
export interface ServeOptions {
  readonly run: RunInvocation;
  /** Asked after every invocation: true if this worker should be replaced. */
  readonly shouldRecycle: () => boolean;
  /**
   * Nothing is left in the process that could settle what the invocation waits for: ends the tasks that wait. False if
   * there are none, so that the process waits on.
   */
  readonly failUnsettled: () => boolean;
  /** The client has closed the pipe. */
  readonly onClosed: () => void;
}

/** Results are sent together if they come faster than this: a system call each would cost more than a small task. */
const sendEveryMs = 2;

/** Runs the invocations that come through `pipe`, one at a time, and answers through it. */
export function serve(pipe: Socket, options: ServeOptions): void {
  const programs = new ProgramTable<Program>();
  let running: { readonly stop: AbortController; readonly unwanted: UnwantedTasks } | undefined;
  const start = async (message: ToWorker & { kind: "run" }): Promise<void> => {
    if (message.body !== undefined) programs.add(message.program, message.body);
    const program = present(programs.get(message.program), `program ${message.program}`);
    const [stop, unwanted] = [new AbortController(), new UnwantedTasks()];
    running = { stop, unwanted };
    const sender = new ResultSender(pipe);
    // Meanwhile only the tasks' own work keeps this process alive: when that is used up, no promise settles any more.
    pipe.unref();
    await options.run(
      { ...message.invocation, program },
      {
        signal: stop.signal,
        unwanted,
        onListens: () => send(pipe, { kind: "listens" }),
        onResult: (result) => sender.add(result),
      },
    );
    running = undefined;
    pipe.ref();
    sender.finish(options.shouldRecycle());
  };
  const reader = new FrameReader((payload) => {
    const message = decodeToWorker(payload);
    switch (message.kind) {
      case "run":
        // A failure here is a defect of the worker: the rejection ends the process, and the client is told so.
        void start(message);
        return;
      case "cancel":
        running?.stop.abort();
        return;
      case "unwanted":
        running?.unwanted.tell(message.indexes, reasonOf(message));
        return;
      default:
        unreachable(message);
    }
  });
  process.on("beforeExit", () => {
    // The tasks that come next need a turn of the event loop.
    if (running !== undefined && options.failUnsettled()) setImmediate(() => {});
    else pipe.ref();
  });
  pipe.on("data", (piece: Uint8Array) => reader.push(piece));
  pipe.on("close", options.onClosed);
  pipe.on("error", options.onClosed);
  send(pipe, { kind: "ready" });
}

function reasonOf({ afterMs }: ToWorker & { kind: "unwanted" }): Failure {
  return afterMs === undefined ? { kind: "returned" } : { kind: "timeout", afterMs };
}

/** Sends an invocation's results in groups, none of them much later than it came. */
class ResultSender {
  readonly #pipe: Socket;
  #results: TaskResult[] = [];
  #sentMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(pipe: Socket) {
    this.#pipe = pipe;
  }

  add(result: TaskResult): void {
    this.#results.push(result);
    if (performance.now() - this.#sentMs >= sendEveryMs) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), sendEveryMs);
  }

  finish(recycle: boolean): void {
    clearTimeout(this.#timer);
    send(this.#pipe, { kind: "finished", results: this.#results, recycle });
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    send(this.#pipe, { kind: "results", results: this.#results });
    this.#results = [];
    this.#sentMs = performance.now();
  }
}

function send(pipe: Socket, message: FromWorker): void {
  writeFrame(pipe, encodeFromWorker(message));
}
