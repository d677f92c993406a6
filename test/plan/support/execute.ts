import type { Kernel, KernelTask, UserFunction } from "../../../src/backend/kernel.ts";
import type { ShippedFunction } from "../../../src/backend/shipped-function.ts";
import { present } from "../../../src/base/assert.ts";
import type { StageId } from "../../../src/base/ids.ts";
import { decodeChunk, encodeChunk } from "../../../src/chunk/codec.ts";
import type { ChunkSummary } from "../../../src/chunk/encoded-chunk.ts";
import type { InputList } from "../../../src/chunk/input-list.ts";
import { Partitioned } from "../../../src/chunk/partitioned.ts";
import { decodeValue } from "../../../src/chunk/value-codec.ts";
import type { CheckedPlan, Fragment, Target } from "../../../src/plan/fragment.ts";
import { forEachIndex } from "../../../src/plan/index-set.ts";
import { readsSingle } from "../../../src/plan/mapping.ts";
import { forEachInput } from "../../../src/plan/mapping-inputs.ts";
import type { PackedBytes, Slot, Stage, StageManifest } from "../../../src/plan/stage.ts";
import { kernels as workerKernels } from "../../../src/worker/kernels.ts";
import { range } from "./range.ts";

/** What ran: the values of each target, and which tasks it took. */
export interface Executed {
  /** Per target, its chunks in order of index. */
  readonly values: readonly (readonly unknown[])[];
  readonly stages: readonly Stage[];
  /** Stored names and indexes of the tasks that ran, as `name/index`, in order. */
  readonly ran: readonly string[];
}

/** Makes a shipped function callable. */
export type Link = (shipped: ShippedFunction) => UserFunction;

const noFunctions: Link = () => {
  throw new Error("these plans have no functions");
};

/** Runs plans one task after another in this process: the plainest reader of what a plan means. */
export class Executor {
  readonly #kernels: Readonly<Record<string, Kernel>>;
  readonly #link: Link;
  /** Chunks by stored name and index. */
  readonly #chunks: Map<string, Uint8Array>;
  readonly #stages = new Map<StageId, Stage>();
  readonly #summaries = new Map<string, ChunkSummary>();
  readonly #ran: string[] = [];

  /** `chunks` of earlier runs are used again. */
  constructor(
    kernels: Readonly<Record<string, Kernel>>,
    chunks: Map<string, Uint8Array> = new Map(),
    link: Link = noFunctions,
  ) {
    this.#link = link;
    this.#kernels = { ...workerKernels, ...kernels };
    this.#chunks = chunks;
  }

  async run(plan: CheckedPlan): Promise<Executed> {
    const targets: Target[] = [];
    const open: Fragment[] = [plan.first];
    for (let fragment = open.shift(); fragment !== undefined; fragment = open.shift()) {
      for (const stage of fragment.stages) this.#stages.set(stage.id, stage);
      targets.push(...fragment.targets);
      for (const id of fragment.watched) {
        const stage = this.#stage(id);
        await this.#runNeeded(range(stage.count).map((index) => [id, index]));
        open.push(plan.expand(this.#manifest(stage)));
      }
    }
    const wanted = targets.flatMap((target) =>
      this.#indexes(target).map((index): Task => [target.stage, index]),
    );
    await this.#runNeeded(wanted);
    const values: unknown[][] = [];
    for (const target of targets) {
      const stage = this.#stage(target.stage);
      values[target.position] = this.#indexes(target).map((index) =>
        decodeChunk(this.#chunk(stage, index)),
      );
    }
    return { values, stages: [...this.#stages.values()], ran: this.#ran };
  }

  #indexes(target: Target): number[] {
    const indexes: number[] = [];
    forEachIndex(target.indexes, this.#stage(target.stage).count, (index) => indexes.push(index));
    return indexes;
  }

  async #runNeeded(wanted: readonly Task[]): Promise<void> {
    const needed = new Map<StageId, Set<number>>();
    const open = [...wanted];
    for (let task = open.pop(); task !== undefined; task = open.pop()) {
      const [id, index] = task;
      const stage = this.#stage(id);
      if (this.#chunks.has(`${stage.name}/${index}`)) continue;
      const indexes = needed.get(id) ?? new Set();
      if (indexes.has(index)) continue;
      needed.set(id, indexes.add(index));
      for (const slot of stage.slots) {
        const { count } = this.#stage(slot.stage);
        forEachInput(slot.mapping, index, count, (producer) => open.push([slot.stage, producer]));
      }
    }
    // Stages came in topological order, and so do the indexes of a graph stage.
    for (const stage of this.#stages.values()) {
      const indexes = [...(needed.get(stage.id) ?? [])].sort((a, b) => a - b);
      for (const index of indexes) await this.#runTask(stage, index);
    }
  }

  async #runTask(stage: Stage, index: number): Promise<void> {
    const key = `${stage.name}/${index}`;
    if (stage.data !== undefined) {
      this.#chunks.set(key, itemOf(stage.data, index));
      return;
    }
    this.#ran.push(key);
    const inputs: unknown[] = [];
    for (const slot of stage.slots) inputs.push(await this.#input(slot, index));
    let statistics: unknown;
    const results: unknown[] = [];
    for (const step of stage.program.steps) {
      const shipped = (step.functions ?? []).map((f) =>
        present(stage.program.functions[f], "a function"),
      );
      const kernel = present(this.#kernels[step.operation], `kernel ${step.operation}`);
      const result = await kernel({
        arguments: step.arguments.map((from) =>
          "input" in from ? inputs[from.input] : results[from.step],
        ),
        params: step.params,
        functions: shipped.map(this.#link),
        shipped,
        task: this.#kernelTask(stage, index, (reported) => {
          statistics = reported;
        }),
      });
      results.push(result);
    }
    const encoded = await encodeChunk(results.at(-1), {
      wholeBytesMax: Number.POSITIVE_INFINITY,
      statistics: () => statistics,
    });
    if (encoded.kind !== "whole") throw new Error("a whole chunk was asked for");
    this.#chunks.set(key, encoded.bytes);
    this.#summaries.set(key, encoded.summary);
  }

  async #input(slot: Slot, index: number): Promise<unknown> {
    const producer = this.#stage(slot.stage);
    const chunks: unknown[] = [];
    const reads: [number, number | undefined][] = [];
    forEachInput(slot.mapping, index, producer.count, (at, part) => reads.push([at, part]));
    for (const [at, part] of reads) {
      const chunk = decodeChunk(this.#chunk(producer, at));
      chunks.push(part === undefined ? chunk : await pieceOf(chunk, part));
    }
    return readsSingle(slot.mapping) ? chunks[0] : listOf(chunks);
  }

  #kernelTask(stage: Stage, index: number, report: (statistics: unknown) => void): KernelTask {
    const positions = stage.slots.map((slot) => {
      const producers: number[] = [];
      if (slot.positions !== true) return producers;
      const { count } = this.#stage(slot.stage);
      forEachInput(slot.mapping, index, count, (producer) => producers.push(producer));
      return producers;
    });
    return {
      index,
      attempt: 1,
      count: stage.count,
      positions,
      own: stage.own === undefined ? undefined : decodeValue(itemOf(stage.own, index)),
      stop: new AbortController().signal,
      idempotencyKey: `${stage.name}/${index}`,
      startCall() {},
      tellWhenDone: () => undefined,
      get sources(): never {
        throw new Error("no sources here");
      },
      get store(): never {
        throw new Error("no store here");
      },
      report,
    };
  }

  #manifest(stage: Stage): StageManifest {
    const chunks = range(stage.count).map((index) => this.#chunk(stage, index));
    const summaries = range(stage.count).map((i) => this.#summaries.get(`${stage.name}/${i}`));
    const partBytes = new Float64Array(stage.parts ?? 0);
    for (const summary of summaries) {
      for (const [p, { length }] of (summary?.parts ?? []).entries()) {
        partBytes[p] = (partBytes[p] ?? 0) + length;
      }
    }
    return {
      stage: stage.id,
      count: stage.count,
      rows: new Float64Array(stage.count),
      bytes: Float64Array.from(chunks, (chunk) => chunk.length),
      statistics: summaries.map((summary) => summary?.statistics),
      ...(stage.parts === undefined ? {} : { partBytes }),
    };
  }

  #stage(id: StageId): Stage {
    return present(this.#stages.get(id), `stage ${id}`);
  }

  #chunk(stage: Stage, index: number): Uint8Array {
    return present(this.#chunks.get(`${stage.name}/${index}`), `chunk ${index} of ${stage.label}`);
  }
}

type Task = [StageId, number];

function itemOf(packed: PackedBytes, index: number): Uint8Array {
  return packed.bytes.subarray(packed.offsets[index], packed.offsets[index + 1]);
}

async function pieceOf(chunk: unknown, part: number): Promise<unknown> {
  if (!(chunk instanceof Partitioned)) throw new Error("only an exchange has parts");
  let at = 0;
  for await (const piece of chunk.pieces) if (at++ === part) return piece;
  throw new Error(`no part ${part}`);
}

/** Chunks as a kernel gets them of a mapping that reads several. */
export function listOf<T>(chunks: readonly T[]): InputList<T> {
  return {
    length: chunks.length,
    all: () => Promise.resolve([...chunks]),
    async *[Symbol.asyncIterator]() {
      yield* chunks;
    },
  };
}
