import type { Program } from "../backend/program.ts";
import { type InputRef, inlineBytesMax, type TaskSpec } from "../backend/task.ts";
import { forEachInput } from "../plan/mapping-inputs.ts";
import type { Slot, Stage } from "../plan/stage.ts";
import type { StageResults } from "./results.ts";

/** Chunks by the stages that they are of. */
export type ChunksHere = ReadonlyMap<StageResults, ReadonlySet<number>>;

/** What a reference by key takes in a message. */
const keyBytes = 120;
/** What a task takes besides its inputs. */
const taskBytes = 64;

/** Shared: nobody writes into it. */
const none: never[] = [];

/** Builds the messages for tasks of one stage. Rough sizes are kept, so that messages stay within limits. */
export class SpecBuilder {
  readonly #stage: Stage;
  readonly #producers: readonly StageResults[];
  readonly #wantsPositions: boolean;
  #refs: InputRef[] = [];
  #positions: number[] = [];
  #results: StageResults | undefined;
  #isBroadcast = false;
  #toStore = new Map<StageResults, Set<number>>();
  #bytes = 0;
  #before = 0;

  constructor(stage: Stage, producers: readonly StageResults[]) {
    this.#stage = stage;
    this.#producers = producers;
    this.#wantsPositions = stage.slots.some((slot) => slot.positions === true);
  }

  /** Begins a message. */
  begin(): void {
    this.#bytes = 0;
    this.#toStore = new Map();
  }

  /** Takes the last spec out of the message. */
  undo(): void {
    this.#bytes = this.#before;
  }

  /** Bytes of the message's specs so far, roughly. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Chunks that the message names by key and that lie nowhere but here: it must not be sent before they are stored. */
  get toStore(): ChunksHere {
    return this.#toStore;
  }

  build(index: number, attempt: number): TaskSpec {
    const { slots, own } = this.#stage;
    this.#before = this.#bytes;
    const inputs = new Array<InputRef[]>(slots.length);
    const positions: number[][] = [];
    for (let at = 0; at < slots.length; at++) {
      const slot = slots[at];
      if (slot?.mapping.kind === "shifted" && this.#misses(slot.mapping.by, index, at)) {
        inputs[at] = none;
        if (this.#wantsPositions) positions.push(none);
        continue;
      }
      this.#refs = [];
      this.#positions = [];
      this.#results = this.#producers[at];
      this.#isBroadcast = slot?.broadcast === true;
      if (slot !== undefined) this.#visit(slot, index);
      inputs[at] = this.#refs;
      if (this.#wantsPositions) positions.push(this.#positions);
    }
    this.#bytes += taskBytes;
    const spec = { index, attempt, inputs };
    if (own === undefined && !this.#wantsPositions) return spec;
    const ownBytes = own?.bytes.subarray(own.offsets[index], own.offsets[index + 1]);
    this.#bytes += ownBytes?.byteLength ?? 0;
    return {
      ...spec,
      ...(ownBytes === undefined ? {} : { own: ownBytes }),
      ...(this.#wantsPositions ? { positions } : {}),
    };
  }

  /** True if the slot, one of perhaps thousands of which a task reads one, gives this task nothing. */
  #misses(by: number, index: number, at: number): boolean {
    return index < by || index - by >= (this.#producers[at]?.stage.count ?? 0);
  }

  #visit(slot: Slot, index: number): void {
    const count = this.#results?.stage.count ?? 0;
    forEachInput(slot.mapping, index, count, slot.positions ? this.#addWithPosition : this.#add);
  }

  readonly #add = (producer: number, part: number | undefined): void => {
    const results = this.#results;
    if (results === undefined) return;
    const ref = part === undefined ? results.ref(producer) : results.partRef(producer, part);
    const sent = this.#isBroadcast ? this.#broadcastRef(ref, results, producer) : ref;
    this.#bytes += "inline" in sent ? sent.inline.byteLength : keyBytes;
    this.#refs.push(sent);
  };

  /** What many tasks read is stored once, and not sent with each of them, unless it is small. */
  #broadcastRef(ref: InputRef, results: StageResults, producer: number): InputRef {
    if (!("inline" in ref)) return { ...ref, broadcast: true };
    if (ref.inline.byteLength <= inlineBytesMax) return ref;
    const indexes = this.#toStore.get(results) ?? new Set();
    this.#toStore.set(results, indexes.add(producer));
    return { key: results.key(producer), broadcast: true };
  }

  readonly #addWithPosition = (producer: number, part: number | undefined): void => {
    this.#add(producer, part);
    this.#positions.push(producer);
  };
}

const programSizes = new WeakMap<Program, number>();

/** What a program takes in a message, roughly. */
export function programBytes(program: Program): number {
  const known = programSizes.get(program);
  if (known !== undefined) return known;
  let bytes = 1024;
  for (const { graph, modules } of program.functions) {
    bytes += graph.byteLength;
    for (const { text } of modules) bytes += text.length;
  }
  programSizes.set(program, bytes);
  return bytes;
}
