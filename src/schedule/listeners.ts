import { RareSet } from "../base/rare.ts";
import type { InputMapping } from "../plan/mapping.ts";

/** What matters of a slot here. */
interface ListeningSlot {
  readonly producer: { readonly stage: { readonly count: number } };
  readonly consumer: object;
  readonly mapping: InputMapping;
}

/** A slot that reads no more chunks than this of a larger stage is found by chunk. */
const narrowMax = 32;
const nobody: ReadonlySet<never> = new Set();

/**
 * The slots that must hear when a chunk of a stage is done, undone or failed: those of consumers with unfinished tasks,
 * and those with gates, which always count. Ten thousand futures may each read one chunk of one stage: which of them
 * reads a given chunk is looked up and not searched for.
 */
export class Listeners<Slot extends ListeningSlot> {
  readonly #wide = new RareSet<Slot>();
  #narrow: Map<number, Set<Slot>> | undefined;

  add(slot: Slot): void {
    const chunks = narrowChunks(slot);
    if (chunks === undefined) this.#wide.add(slot);
    else for (const chunk of chunks) this.#at(chunk).add(slot);
  }

  delete(slot: Slot): void {
    const chunks = narrowChunks(slot);
    if (chunks === undefined) {
      this.#wide.delete(slot);
      return;
    }
    for (const chunk of chunks) {
      const slots = this.#narrow?.get(chunk);
      if (slots?.delete(slot) && slots.size === 0) this.#narrow?.delete(chunk);
    }
  }

  /** The slots that may read this chunk. */
  of(chunk: number): Iterable<Slot> {
    if (this.#narrow === undefined) return this.#wide;
    const narrow: ReadonlySet<Slot> = this.#narrow.get(chunk) ?? nobody;
    return this.#wide.size === 0 ? narrow : [...this.#wide, ...narrow];
  }

  #at(chunk: number): Set<Slot> {
    this.#narrow ??= new Map();
    const known = this.#narrow.get(chunk);
    if (known !== undefined) return known;
    const made = new Set<Slot>();
    this.#narrow.set(chunk, made);
    return made;
  }
}

/** The chunks that a slot reads, if they are few of many. */
function narrowChunks({ mapping, producer, consumer }: ListeningSlot): Uint32Array | undefined {
  if (mapping.kind !== "csr" || producer === consumer || producer.stage.count === 1) {
    return undefined;
  }
  return mapping.targets.length <= narrowMax ? mapping.targets : undefined;
}
