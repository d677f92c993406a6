import type { Backend } from "../backend/backend.ts";
import { clientErrorData } from "../backend/client-error-data.ts";
import {
  type Invocation,
  type InvocationOutcome,
  protocolVersion,
  type TaskSpec,
} from "../backend/task.ts";
import type { RunId, StageId } from "../base/ids.ts";
import { readsSingle } from "../plan/mapping.ts";
import { forEachInput } from "../plan/mapping-inputs.ts";
import type { Stage } from "../plan/stage.ts";
import { spillChunks } from "./chunk-io.ts";
import type { Effect } from "./effect.ts";
import type { StageResults } from "./results.ts";
import { type ChunksHere, programBytes, SpecBuilder } from "./task-specs.ts";

type InvokeEffect = Extract<Effect, { kind: "invoke" }>;

/** What an invocation is made of. */
export interface Sending {
  readonly effect: InvokeEffect;
  readonly stage: Stage;
  readonly run: RunId;
  readonly producers: readonly StageResults[];
  /** Something that must be over first: chunks of this name are being deleted. */
  readonly after: Promise<void> | undefined;
}

/** Makes invocations and sends them to the backend. */
export class Sender {
  readonly #backend: Backend;
  readonly #abort = new AbortController();
  readonly #builders = new Map<StageId, SpecBuilder>();
  readonly #running = new Set<Promise<unknown>>();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /**
   * Sends an invocation. `trimmed` is called at once if only the first tasks fit into its message, `answered` when it
   * is over; neither promise nor callback ever fails.
   */
  send(
    sending: Sending,
    answered: (outcome: InvocationOutcome) => void,
    trimmed: (from: number) => void,
  ): void {
    const { effect, after } = sending;
    const tasks = this.#build(sending);
    if (tasks.length < effect.indexes.length) trimmed(tasks.length);
    const { bytes, toStore } = this.#builder(sending);
    const fits = bytes <= this.#bytesMax(sending);
    const outcome =
      fits && after === undefined && toStore.size === 0
        ? this.#invoke(sending, tasks)
        : this.#spillAndInvoke(sending, { toStore, spill: fits ? [] : effect.indexes.slice(0, 1) });
    const settled = outcome.catch(lostTo).then((known) => {
      this.#running.delete(settled);
      answered(known);
    });
    this.#running.add(settled);
  }

  /** Forgets what was kept for a stage. */
  forget(stage: StageId): void {
    this.#builders.delete(stage);
  }

  /** Aborts what runs and resolves when all of it has answered. */
  async close(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#running);
  }

  #builder({ stage, producers }: Sending): SpecBuilder {
    const known = this.#builders.get(stage.id);
    if (known !== undefined) return known;
    const made = new SpecBuilder(stage, producers);
    this.#builders.set(stage.id, made);
    return made;
  }

  #bytesMax({ stage }: Sending): number {
    return this.#backend.limits.payloadBytesMax - programBytes(stage.program);
  }

  /** The specs that fit into one message, but at least one. */
  #build(sending: Sending): TaskSpec[] {
    const { indexes, attempts } = sending.effect;
    const builder = this.#builder(sending);
    const bytesMax = this.#bytesMax(sending);
    const tasks: TaskSpec[] = [];
    builder.begin();
    for (let at = 0; at < indexes.length; at++) {
      const task = builder.build(indexes[at] ?? 0, attempts[at] ?? 1);
      if (builder.bytes > bytesMax && tasks.length > 0) {
        builder.undo();
        return tasks;
      }
      tasks.push(task);
    }
    return tasks;
  }

  async #spillAndInvoke(
    sending: Sending,
    { toStore, spill }: { readonly toStore: ChunksHere; readonly spill: readonly number[] },
  ): Promise<InvocationOutcome> {
    const { stage, producers, after } = sending;
    await after;
    for (const [results, indexes] of toStore) {
      await spillChunks(this.#backend.store, results, indexes);
    }
    for (const index of spill) {
      for (const [at, slot] of stage.slots.entries()) {
        const results = producers[at];
        if (results === undefined) continue;
        const inputs: number[] = [];
        const { count } = results.stage;
        forEachInput(slot.mapping, index, count, (input) => inputs.push(input));
        await spillChunks(this.#backend.store, results, inputs);
      }
    }
    const tasks = this.#build(sending);
    return this.#invoke(sending, tasks);
  }

  #invoke(sending: Sending, tasks: readonly TaskSpec[]): Promise<InvocationOutcome> {
    const { effect, stage, run } = sending;
    const { timeoutMs } = effect;
    const prefer = preferredWorker(sending);
    const invocation: Invocation = {
      protocol: protocolVersion,
      run,
      id: effect.invocation,
      stage: {
        name: stage.name,
        label: stage.label,
        count: stage.count,
        singles: stage.slots.map(({ mapping }) => readsSingle(mapping)),
        store: stage.options.store,
        nonce: stage.options.nonce,
        ...(stage.isStored ? { isStored: true } : {}),
      },
      program: stage.program,
      tasks,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(prefer === undefined ? {} : { prefer }),
    };
    return this.#backend.invoker.invoke(invocation, this.#abort.signal);
  }
}

/** The worker that made the first stored input: it may hold it in its cache. */
function preferredWorker({ effect, stage, producers }: Sending): number | undefined {
  const [slot] = stage.slots;
  const [results] = producers;
  const [first] = effect.indexes;
  if (slot === undefined || results === undefined || first === undefined) return undefined;
  if (slot.mapping.kind === "one") return results.worker(first);
  if (slot.mapping.kind === "group") return results.worker(first * slot.mapping.size);
  return undefined;
}

/** What becomes of an invocation by an error of the store, or of an invoker that broke its word. */
export function lostTo(error: unknown): InvocationOutcome {
  const failure = { kind: "fatal", error: clientErrorData(error) } as const;
  return { kind: "lost", worker: -1, results: [], failure };
}
