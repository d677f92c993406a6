import { keyText } from "./bag-key.ts";

/** Numbers per slot: two words that tell texts apart, their kind, and the number of the key + 1 (0: a free slot). */
const slotWords = 4;
const slotsMin = 1024;
/** Share of slots in use before there are twice as many. */
const loadMax = 0.7;
/** Texts of up to so many one-byte characters are in their slot whole; their kind is their length. */
const packedCharsMax = 8;
/** The kind of a longer text of one-byte characters: in its slot by hash. */
const hashed = 9;
/** The kind of a text with wider characters: in its slot by hash. */
const wide = 10;

/**
 * Numbers keys 0, 1, 2 … in order of first appearance. An open-addressing table in one typed array: short texts lie in
 * their slot, so that finding one touches a single cache line. The characters of all texts lie one behind another in
 * one buffer, so that no key is an object of its own, nor keeps the block of the file alive that it was cut from.
 */
export class KeyTable {
  /** One-byte characters of all texts but the wide ones. */
  #bytes = new Uint8Array(slotsMin * 8);
  /** Where the characters of each key start; one more at the end. */
  #starts = new Uint32Array(slotsMin);
  /** Wide texts by number. */
  readonly #wide = new Map<number, string>();
  /** Keys that are not their own text, by number. */
  readonly #others = new Map<number, unknown>();
  #slots = new Int32Array(slotsMin * slotWords);
  #size = 0;

  /** Keys so far. */
  get size(): number {
    return this.#size;
  }

  /** The number of `key`, a new one if it is new. */
  add(key: unknown): number {
    const text = typeof key === "string" && key.charCodeAt(0) !== 1 ? key : keyText(key);
    look(text);
    const slot = this.#slotOf(text);
    const number = (this.#slots[slot + 3] ?? 0) - 1;
    if (number >= 0) return number;
    const added = this.#insert(text, slot);
    if (text !== key) this.#others.set(added, key);
    return added;
  }

  /** The number of `key`, -1 if it is not there. */
  find(key: unknown): number {
    const text = keyText(key);
    look(text);
    return (this.#slots[this.#slotOf(text) + 3] ?? 0) - 1;
  }

  /** The key with this number. */
  key(number: number): unknown {
    if (this.#others.has(number)) return this.#others.get(number);
    return (
      this.#wide.get(number) ?? latin1(this.#bytes, this.#start(number), this.#start(number + 1))
    );
  }

  /** All keys as one text and the length of each, in order; undefined if some are wide or no texts. */
  texts(): { readonly text: string; readonly lengths: Uint32Array } | undefined {
    if (this.#wide.size > 0 || this.#others.size > 0) return undefined;
    const lengths = new Uint32Array(this.#size);
    for (let i = 0; i < lengths.length; i++) lengths[i] = this.#start(i + 1) - this.#start(i);
    return { text: latin1(this.#bytes, 0, this.#start(this.#size)), lengths };
  }

  #start(number: number): number {
    return this.#starts[number] ?? 0;
  }

  /** Where the slot of the text that was looked at starts: the one that holds it, or the free one where it belongs. */
  #slotOf(text: string): number {
    const { first, second, kind } = looked;
    const slots = this.#slots;
    const mask = slots.length / slotWords - 1;
    for (let at = spread(first, second, kind) & mask; ; at = (at + 1) & mask) {
      const slot = at * slotWords;
      const number = (slots[slot + 3] ?? 0) - 1;
      if (number < 0) return slot;
      if (slots[slot] !== first || slots[slot + 1] !== second || slots[slot + 2] !== kind) continue;
      if (kind < hashed || this.#holds(number, text)) return slot;
    }
  }

  #holds(number: number, text: string): boolean {
    if (looked.kind === wide) return this.#wide.get(number) === text;
    const start = this.#start(number);
    if (this.#start(number + 1) - start !== text.length) return false;
    for (let i = 0; i < text.length; i++) {
      if (this.#bytes[start + i] !== text.charCodeAt(i)) return false;
    }
    return true;
  }

  #insert(text: string, slot: number): number {
    const number = this.#size++;
    this.#slots[slot] = looked.first;
    this.#slots[slot + 1] = looked.second;
    this.#slots[slot + 2] = looked.kind;
    this.#slots[slot + 3] = number + 1;
    if (looked.kind === wide) {
      this.#wide.set(number, ownCopy(text));
      this.#keep("", number);
    } else this.#keep(text, number);
    if (this.#size * slotWords > loadMax * this.#slots.length) this.#slots = doubled(this.#slots);
    return number;
  }

  /** Puts the characters of `text` behind the others. */
  #keep(text: string, number: number): void {
    const start = this.#start(number);
    const end = start + text.length;
    if (end > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      bytes.set(this.#bytes);
      this.#bytes = bytes;
    }
    for (let i = 0; i < text.length; i++) this.#bytes[start + i] = text.charCodeAt(i);
    if (number + 1 === this.#starts.length) {
      const starts = new Uint32Array(this.#starts.length * 2);
      starts.set(this.#starts);
      this.#starts = starts;
    }
    this.#starts[number + 1] = end;
  }
}

/** What the slot of the text looked at last holds. Used again and again: looking allocates nothing. */
const looked = { first: 0, second: 0, kind: 0 };

function look(text: string): void {
  const { length } = text;
  let first = 0;
  let second = 0;
  let all = 0;
  if (length > packedCharsMax) {
    first = length;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      all |= code;
      first = Math.imul(first ^ code, 0x5bd1e995);
      first ^= first >>> 15;
      second = Math.imul(second + code, 0x2c1b3c6d);
    }
  } else {
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      all |= code;
      if (i < 4) first ^= code << (8 * i);
      else second ^= code << (8 * (i - 4));
    }
  }
  looked.first = first;
  looked.second = second;
  looked.kind = all > 255 ? wide : length > packedCharsMax ? hashed : length;
}

/** Mixes the words of a slot, so that texts that differ little start far apart. */
function spread(first: number, second: number, kind: number): number {
  let mixed = Math.imul(first ^ (kind << 24), 0x2c1b3c6d) ^ Math.imul(second, 0x297a2d39);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}

/** The same slots in a table twice as long. */
function doubled(before: Int32Array): Int32Array<ArrayBuffer> {
  const slots = new Int32Array(before.length * 2);
  const mask = slots.length / slotWords - 1;
  for (let slot = 0; slot < before.length; slot += slotWords) {
    const number = before[slot + 3] ?? 0;
    if (number === 0) continue;
    const first = before[slot] ?? 0;
    const second = before[slot + 1] ?? 0;
    const kind = before[slot + 2] ?? 0;
    let at = spread(first, second, kind) & mask;
    while (slots[at * slotWords + 3] !== 0) at = (at + 1) & mask;
    slots[at * slotWords] = first;
    slots[at * slotWords + 1] = second;
    slots[at * slotWords + 2] = kind;
    slots[at * slotWords + 3] = number;
  }
  return slots;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}

/** The same text without the block of the file that it was cut from. */
function ownCopy(text: string): string {
  return ` ${text}`.slice(1);
}
