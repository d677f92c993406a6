import { present } from "../../base/assert.ts";

/** The chunks one task reads of one stage, in order, each once. */
class SlotChunks {
  readonly list: number[] = [];
  /** Places in `list`, kept only where searching it would be slow: most calls take few arguments. */
  #places: Map<number, number> | undefined;

  add(index: number): void {
    if (this.place(index) >= 0) return;
    this.list.push(index);
    this.#places?.set(index, this.list.length - 1);
    if (this.list.length === searchedMax) this.#places = new Map(this.list.map((at, i) => [at, i]));
  }

  /** −1 if it is not there. */
  place(index: number): number {
    return this.#places ? (this.#places.get(index) ?? -1) : this.list.indexOf(index);
  }
}

const searchedMax = 16;

/** The chunks one task reads, slot by slot. */
export class TaskInputs {
  readonly #slots: SlotChunks[] = [];

  constructor(slots: number) {
    for (let i = 0; i < slots; i++) this.#slots.push(new SlotChunks());
  }

  /** Notes that the task reads chunk `index` of `slot`. */
  add(slot: number, index: number): void {
    this.#slot(slot).add(index);
  }

  /** What it reads of `slot`. */
  chunks(slot: number): readonly number[] {
    return this.#slot(slot).list;
  }

  /** The input's number, counted through the slots. */
  position(slot: number, index: number): number {
    let before = 0;
    for (let i = 0; i < slot; i++) before += this.#slot(i).list.length;
    return before + this.#slot(slot).place(index);
  }

  #slot(slot: number): SlotChunks {
    return present(this.#slots[slot], "a slot");
  }
}
