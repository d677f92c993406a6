import { chunkKey } from "../../src/backend/chunk-key.ts";
import type { ChunkStore } from "../../src/backend/chunk-store.ts";
import type { UserFunction } from "../../src/backend/kernel.ts";
import type { Step } from "../../src/backend/program.ts";
import type { ShippedFunction } from "../../src/backend/shipped-function.ts";
import {
  type InputRef,
  type Invocation,
  protocolVersion,
  type TaskResult,
  type TaskSpec,
} from "../../src/backend/task.ts";
import { nameOf } from "../../src/base/content-name.ts";
import {
  type ChunkKey,
  type ContentName,
  makeInvocationId,
  makeRunId,
} from "../../src/base/ids.ts";
import { encodeChunk } from "../../src/chunk/codec.ts";
import { MemoryStore } from "../../src/local/memory-store.ts";
import type { WorkerEnvironment } from "../../src/worker/environment.ts";
import { LinkedPrograms } from "../../src/worker/linked-program.ts";
import { runInvocation } from "../../src/worker/run-task.ts";
import { UnwantedTasks } from "../../src/worker/unwanted-tasks.ts";

/** A worker in this process: functions are linked by position, the clock stands unless told to go. */
export class TestWorker {
  readonly memory: MemoryStore = new MemoryStore(() => 0);
  store: ChunkStore = this.memory;
  nowMs = 1000;
  peakReads = 0;
  readonly controller: AbortController = new AbortController();
  readonly unwanted: UnwantedTasks = new UnwantedTasks();
  readonly results: TaskResult[] = [];
  #functions: readonly UserFunction[] = [];
  #programs = 0;

  readonly environment: WorkerEnvironment = {
    store: this.#storeView(),
    sources: { expand: notUsed, read: notUsed, write: notUsed, remove: notUsed },
    programs: new LinkedPrograms(async (shipped) => {
      const fn = this.#functions[Number(shipped.name)];
      if (fn === undefined) throw new Error(`no function ${shipped.name}`);
      return fn;
    }),
    now: () => this.nowMs,
    peakBytes: () => {
      this.peakReads++;
      return 12_345;
    },
  };

  /** Runs `steps` over each of `tasks`; `functions[i]` is function i of the program. */
  async run(
    steps: readonly Step[],
    tasks: readonly Partial<TaskSpec>[],
    more: {
      readonly functions?: readonly ((...values: never[]) => unknown)[];
      /** Which of the functions sets the worker up. */
      readonly setUp?: number;
      readonly bundle?: ContentName;
      readonly singles?: readonly boolean[];
      readonly stage?: Partial<Invocation["stage"]>;
      readonly invocation?: Partial<Invocation>;
    } = {},
  ): Promise<readonly TaskResult[]> {
    // The kernel hands a user's function whatever it takes.
    this.#functions = (more.functions ?? []) as readonly UserFunction[];
    const invocation: Invocation = {
      protocol: protocolVersion,
      run: makeRunId("run"),
      id: makeInvocationId(1),
      stage: {
        name: stageName,
        label: "test",
        count: 100,
        singles: more.singles ?? [true, true, true],
        store: false,
        nonce: "",
        ...more.stage,
      },
      program: {
        id: nameOf(["program", this.#programs++]),
        steps,
        functions: this.#functions.map((_, i) => shipped(String(i))),
        ...(more.setUp === undefined ? {} : { setUp: more.setUp }),
        ...(more.bundle === undefined ? {} : { bundle: more.bundle }),
      },
      tasks: tasks.map((task, index) => ({ index, attempt: 1, inputs: [], ...task })),
      ...more.invocation,
    };
    return runInvocation(invocation, this.environment, {
      signal: this.controller.signal,
      unwanted: this.unwanted,
      onResult: (result) => this.results.push(result),
    });
  }

  /** Calls the store that `store` is at the time of the call. */
  #storeView(): ChunkStore {
    const target = (): ChunkStore => this.store;
    return {
      get: (...args) => target().get(...args),
      getRange: (...args) => target().getRange(...args),
      putIfAbsent: (...args) => target().putIfAbsent(...args),
      list: (...args) => target().list(...args),
      delete: (...args) => target().delete(...args),
    };
  }
}

export const stageName: ContentName = nameOf("the stage under test");

/** Where the stage under test puts its chunk `index`. */
export function outputKey(index: number): ChunkKey {
  return chunkKey(stageName, index);
}

function notUsed(): never {
  throw new Error("this test uses no sources");
}

function shipped(name: string): ShippedFunction {
  const id = nameOf(name);
  const graph = new Uint8Array(0);
  return { id, name, definedAt: "", graph, modules: [], blobs: [], capturedBytes: 0 };
}

/** `value` as the bytes of a chunk. */
export async function chunkBytes(value: unknown): Promise<Uint8Array> {
  const encoded = await encodeChunk(value, { wholeBytesMax: 2 ** 30 });
  if (encoded.kind === "whole") return encoded.bytes;
  const frames: Uint8Array[] = [];
  for await (const frame of encoded.frames) frames.push(frame);
  return Buffer.concat(frames);
}

/** `value` as an input that comes with the task. */
export async function inline(value: unknown): Promise<InputRef> {
  return { inline: await chunkBytes(value) };
}

/** The only result, which must be a success. */
export function done(results: readonly TaskResult[]): TaskResult & { readonly status: "done" } {
  const [result] = results;
  if (results.length === 1 && result?.status === "done") return result;
  throw new Error(`expected one success, got ${JSON.stringify(results)}`);
}

/** The only result, which must be a failure. */
export function failed(results: readonly TaskResult[]): TaskResult & { readonly status: "failed" } {
  const [result] = results;
  if (results.length === 1 && result?.status === "failed") return result;
  throw new Error(`expected one failure, got ${JSON.stringify(results)}`);
}
