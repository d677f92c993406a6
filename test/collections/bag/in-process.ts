import { createReadStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { KernelTask } from "../../../src/backend/kernel.ts";
import { assert, present } from "../../../src/base/assert.ts";
import { makeStageId, type StageId } from "../../../src/base/ids.ts";
import { Batches } from "../../../src/chunk/batches.ts";
import { decodeChunk, encodeChunk } from "../../../src/chunk/codec.ts";
import type { EncodedChunk } from "../../../src/chunk/encoded-chunk.ts";
import type { InputList } from "../../../src/chunk/input-list.ts";
import { decodeValue } from "../../../src/chunk/value-codec.ts";
import { blobsOf } from "../../../src/code/capture.ts";
import { createLinker, type LinkedFunction } from "../../../src/code/link.ts";
import type { Expr } from "../../../src/plan/expr.ts";
import {
  type Layout,
  type LowerContext,
  type StageDraft,
  selfStage,
} from "../../../src/plan/lower-context.ts";
import { type InputMapping, readsSingle } from "../../../src/plan/mapping.ts";
import { forEachInput } from "../../../src/plan/mapping-inputs.ts";
import { defaultPlanOptions, type PlanOptions } from "../../../src/plan/plan-options.ts";
import type { PackedBytes, Slot, StageManifest } from "../../../src/plan/stage.ts";
import { kernels } from "../../../src/worker/kernels.ts";

interface Chunk {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly parts: readonly { readonly offset: number; readonly length: number }[];
}

interface RanStage {
  readonly draft: StageDraft;
  readonly functions: Expr["functions"];
  chunks: readonly Chunk[] | undefined;
}

/**
 * Lowers and runs bag expressions in this process, stage by stage and unfused, through the real capture, kernels and
 * codec: an engine simple enough to be read at once, for tests of what operations mean.
 */
export class InProcess {
  readonly #stages: RanStage[] = [];
  readonly #emitted = new Map<string, Layout>();
  readonly #layouts = new Map<Expr, Layout>();
  readonly #options: PlanOptions;
  /** Batches that were decoded for a kernel. */
  batchesRead = 0;

  constructor(options: Partial<PlanOptions> = {}) {
    this.#options = { ...defaultPlanOptions, ...options };
  }

  /** The records of each part; only of parts `indexes`, if given. */
  async parts(expr: Expr, indexes?: readonly number[]): Promise<unknown[][]> {
    const { stage, count } = await this.#lower(expr);
    const wanted = indexes ?? Array.from({ length: count }, (_, index) => index);
    const chunks = await this.#run(stage);
    return Promise.all(wanted.map((index) => recordsOf(present(chunks[index], "a chunk"))));
  }

  async records(expr: Expr): Promise<unknown[]> {
    return (await this.parts(expr)).flat();
  }

  async #lower(expr: Expr): Promise<Layout> {
    const known = this.#layouts.get(expr);
    if (known) return known;
    for (const child of expr.children) await this.#lower(child);
    for (;;) {
      const lowered = expr.operation.lower(expr, this.#context(expr));
      if (lowered.kind === "wait") {
        assert(this.#stage(lowered.stage).chunks === undefined, "waits for what it has");
        await this.#run(lowered.stage);
        continue;
      }
      this.#layouts.set(expr, lowered.layout);
      return lowered.layout;
    }
  }

  #context(expr: Expr): LowerContext {
    const never = (): never => assert(false, "bags do not ask for this") as never;
    return {
      options: this.#options,
      layout: (child) => {
        const found = [...this.#layouts].find(([known]) => known.name === child.name);
        return present(found?.[1], "the layout of a child");
      },
      adopt: never,
      emit: (draft) => {
        const name = `${expr.name} ${draft.role}`;
        const known = this.#emitted.get(name);
        if (known) return known;
        const functions = draft.functions ?? expr.functions;
        const id = makeStageId(this.#stages.length);
        const own = (slot: Slot): Slot =>
          slot.stage === selfStage ? { ...slot, stage: id } : slot;
        const placed = { ...draft, slots: draft.slots.map(own) };
        this.#stages.push({ draft: placed, functions, chunks: undefined });
        const layout: Layout = { stage: id, count: draft.count };
        this.#emitted.set(name, layout);
        return layout;
      },
      readable: (file) => file,
      outputs: undefined,
      manifest: (stage) => manifestOf(stage, this.#stage(stage)),
    };
  }

  #stage(id: StageId): RanStage {
    return present(this.#stages[id], "a stage");
  }

  async #run(id: StageId): Promise<readonly Chunk[]> {
    const stage = this.#stage(id);
    if (stage.chunks) return stage.chunks;
    const { draft } = stage;
    for (const slot of draft.slots) if (slot.stage !== id) await this.#run(slot.stage);
    const chunks: Chunk[] = [];
    // A stage may read its own chunks before the one that it makes.
    stage.chunks = chunks;
    for (let index = 0; index < draft.count; index++) {
      chunks.push(draft.data ? chunkOf(draft.data, index) : await this.#runTask(stage, index));
    }
    return chunks;
  }

  async #runTask({ draft, functions }: RanStage, index: number): Promise<Chunk> {
    const inputs = draft.slots.map(({ stage, mapping }) => this.#input(stage, mapping, index));
    const own = draft.own === undefined ? undefined : decodeValue(slice(draft.own, index));
    const results: unknown[] = [];
    const linked = await Promise.all(functions.map(linkedOf));
    for (const step of draft.steps) {
      const kernel = present(kernels[step.operation], step.operation);
      const call = {
        arguments: step.arguments.map((argument) =>
          "input" in argument ? inputs[argument.input] : results[argument.step],
        ),
        params: step.params,
        functions: (step.functions ?? []).map((position) => present(linked[position], "function")),
        shipped: functions,
        task: taskOf(index, draft.count, own),
      };
      results.push(await kernel(call));
    }
    return encoded(await encodeChunk(results.at(-1)));
  }

  #input(stage: StageId, mapping: InputMapping, index: number): unknown {
    const chunks = present(this.#stage(stage).chunks, "the chunks of an input");
    const read: Uint8Array[] = [];
    forEachInput(mapping, index, chunks.length, (producer, part) => {
      const chunk = present(chunks[producer], "a chunk");
      const range = part === undefined ? undefined : present(chunk.parts[part], "a part");
      read.push(
        range ? chunk.bytes.subarray(range.offset, range.offset + range.length) : chunk.bytes,
      );
    });
    const decode = (bytes: Uint8Array): unknown => this.#counted(decodeOrEmpty(bytes));
    if (readsSingle(mapping)) return decode(present(read[0], "a chunk"));
    const list: InputList = {
      length: read.length,
      bytes: read.reduce((sum, { length }) => sum + length, 0),
      all: async () => read.map(decode),
      async *[Symbol.asyncIterator]() {
        for (const bytes of read) yield decode(bytes);
      },
    };
    return list;
  }

  #counted(value: unknown): unknown {
    if (!(value instanceof Batches)) return value;
    const self = this;
    async function* counted(): AsyncGenerator<readonly unknown[]> {
      for await (const batch of value as Batches) {
        self.batchesRead++;
        yield batch;
      }
    }
    return new Batches(counted());
  }
}

const linker = createLinker({
  readBlob: async (hash) => present(blobs.get(hash), "a blob"),
});
const blobs = new Map<string, Uint8Array>();

async function linkedOf(shipped: Expr["functions"][number]): Promise<LinkedFunction> {
  for (const [hash, bytes] of blobsOf(shipped)) blobs.set(hash, bytes);
  return linker.link(shipped);
}

function slice(packed: { offsets: Float64Array; bytes: Uint8Array }, index: number): Uint8Array {
  return packed.bytes.subarray(packed.offsets[index], packed.offsets[index + 1]);
}

function decodeOrEmpty(bytes: Uint8Array): unknown {
  return bytes.length === 0 ? undefined : decodeChunk(bytes);
}

function chunkOf(data: PackedBytes, index: number): Chunk {
  return { bytes: slice(data, index), rows: data.rows?.[index] ?? 0, parts: [] };
}

async function encoded(chunk: EncodedChunk): Promise<Chunk> {
  const bytes =
    chunk.kind === "whole"
      ? chunk.bytes
      : await buffer(
          (async function* () {
            yield* chunk.frames;
          })(),
        );
  const summary = chunk.kind === "whole" ? chunk.summary : chunk.summary();
  return { bytes, rows: summary.rows, parts: summary.parts ?? [] };
}

async function recordsOf({ bytes }: Chunk): Promise<unknown[]> {
  const value = decodeChunk(bytes);
  return value instanceof Batches ? value.toArray() : [value];
}

function manifestOf(stage: StageId, { draft, chunks }: RanStage): StageManifest | undefined {
  if (chunks === undefined) return undefined;
  const partBytes = new Float64Array(draft.parts ?? 0);
  for (const chunk of chunks) {
    for (const [part, { length }] of chunk.parts.entries()) {
      partBytes[part] = (partBytes[part] ?? 0) + length;
    }
  }
  return {
    stage,
    count: draft.count,
    rows: Float64Array.from(chunks, (chunk) => chunk.rows),
    bytes: Float64Array.from(chunks, (chunk) => chunk.bytes.length),
    statistics: [],
    ...(draft.parts === undefined ? {} : { partBytes }),
  };
}

function taskOf(index: number, count: number, own: unknown): KernelTask {
  const never = (): never => assert(false, "bags do not use this") as never;
  return {
    index,
    attempt: 1,
    count,
    positions: [],
    own,
    stop: new AbortController().signal,
    idempotencyKey: `task-${index}`,
    startCall() {},
    store: { get: never, getRange: never, putIfAbsent: never, list: never, delete: never },
    sources: {
      expand: never,
      read: (file, { start, end }) =>
        start === end
          ? (async function* () {})()
          : createReadStream(fileURLToPath(file.url), { start, end: end - 1 }),
      remove: never,
      write: async (url, bytes) => {
        const target = url.startsWith("file:") ? fileURLToPath(url) : url;
        await mkdir(path.dirname(target), { recursive: true });
        await writeFile(
          target,
          await buffer(
            (async function* () {
              yield* bytes;
            })(),
          ),
        );
      },
    },
    report: () => {},
    tellWhenDone: () => undefined,
  };
}
