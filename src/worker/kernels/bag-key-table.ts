import { type Column, columnOf } from "../../chunk/column.ts";
import { ownText } from "../../chunk/own-copy.ts";
import { keyText } from "./bag-key.ts";
import { keyCopy } from "./bag-key-copy.ts";
import { NumberTable } from "./bag-number-table.ts";

/** Numbers per slot: four words that tell texts apart, their kind, and the number of the key + 1 (0: a free slot). */
const slotWords = 6;
const kindAt = 4;
const numberAt = 5;
const slotsMin = 1024;
/** Share of slots in use before there are twice as many. */
const loadMax = 0.7;
/** Texts of up to so many one-byte characters are in their slot whole; their kind is their length. */
const packedCharsMax = 16;
/** The kind of a longer text of one-byte characters: in its slot by hash. */
const hashed = 17;
/** The kind of a text with wider characters: in its slot by hash. */
const wide = 18;
/** In the place of a key that is its own text. */
const itsText = Symbol("its text");

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
  /** Keys that are numbers. */
  readonly #numbers = new NumberTable();
  /** Copies of the keys that are not their own text, by number: up to the last of them, `itsText` for those between that are. */
  readonly #others: unknown[] = [];
  #slots = new Int32Array(slotsMin * slotWords);
  #size = 0;

  /** Keys so far. */
  get size(): number {
    return this.#size;
  }

  /** The number of `key`, a new one if it is new. */
  add(key: unknown): number {
    if (typeof key === "number") {
      const number = this.#numbers.find(key);
      return number >= 0 ? number : this.#addNumber(key);
    }
    const text = typeof key === "string" && key.charCodeAt(0) !== 1 ? key : keyText(key);
    look(text);
    const slot = this.#slotOf(text);
    const number = (this.#slots[slot + numberAt] ?? 0) - 1;
    if (number >= 0) return number;
    const added = this.#insert(text, slot);
    if (text !== key) this.#putOther(added, keyCopy(key));
    return added;
  }

  /** The number of `key`, -1 if it is not there. */
  find(key: unknown): number {
    if (typeof key === "number") return this.#numbers.find(key);
    const text = keyText(key);
    look(text);
    return (this.#slots[this.#slotOf(text) + numberAt] ?? 0) - 1;
  }

  /** The key with this number. */
  key(number: number): unknown {
    const other = number < this.#others.length ? this.#others[number] : itsText;
    if (other !== itsText) return other;
    return (
      this.#wide.get(number) ?? latin1(this.#bytes, this.#start(number), this.#start(number + 1))
    );
  }

  /** The keys in order of number. */
  column(): Column {
    if (this.#wide.size > 0 || this.#others.length > 0) {
      return columnOf(Array.from({ length: this.#size }, (_, number) => this.key(number)));
    }
    const lengths = new Uint32Array(this.#size);
    for (let i = 0; i < lengths.length; i++) lengths[i] = this.#start(i + 1) - this.#start(i);
    return { kind: "text", text: latin1(this.#bytes, 0, this.#start(this.#size)), lengths };
  }

  #start(number: number): number {
    return this.#starts[number] ?? 0;
  }

  /** Where the slot of the text that was looked at starts: the one that holds it, or the free one where it belongs. */
  #slotOf(text: string): number {
    const { first, second, third, fourth, kind } = looked;
    const slots = this.#slots;
    const count = slots.length / slotWords;
    for (let at = spread() & (count - 1); ; at = (at + 1) & (count - 1)) {
      const slot = at * slotWords;
      const number = (slots[slot + numberAt] ?? 0) - 1;
      if (number < 0) return slot;
      if (slots[slot] !== first || slots[slot + 1] !== second) continue;
      if (slots[slot + 2] !== third || slots[slot + 3] !== fourth) continue;
      if (slots[slot + kindAt] !== kind) continue;
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

  #addNumber(key: number): number {
    const number = this.#size++;
    this.#numbers.add(key, number);
    this.#putOther(number, key);
    this.#keep("", number);
    return number;
  }

  #putOther(number: number, key: unknown): void {
    while (this.#others.length < number) this.#others.push(itsText);
    this.#others.push(key);
  }

  #insert(text: string, slot: number): number {
    const number = this.#size++;
    putLooked(this.#slots, slot, number + 1);
    if (looked.kind === wide) {
      this.#wide.set(number, ownText(text));
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
const looked = { first: 0, second: 0, third: 0, fourth: 0, kind: 0 };

function look(text: string): void {
  const { length } = text;
  wideBits = 0;
  if (length > packedCharsMax) {
    hash(text);
  } else {
    looked.first = packed(text, 0, Math.min(length, 4));
    looked.second = length > 4 ? packed(text, 4, Math.min(length, 8)) : 0;
    looked.third = length > 8 ? packed(text, 8, Math.min(length, 12)) : 0;
    looked.fourth = length > 12 ? packed(text, 12, length) : 0;
    looked.kind = length;
  }
  if (wideBits > 255) {
    // Wide characters run into one another above: a hash, and the text itself, tell such texts apart.
    hash(text);
    looked.kind = wide;
  }
}

/** All character codes of the text looked at last, or-ed: above 255 if one of them is wide. */
let wideBits = 0;

/** Up to four characters in one word. */
function packed(text: string, start: number, end: number): number {
  let word = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    wideBits |= code;
    word |= code << (8 * (i - start));
  }
  return word;
}

function hash(text: string): void {
  const { length } = text;
  let first = length;
  let second = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    wideBits |= code;
    first = Math.imul(first ^ code, 0x5bd1e995);
    first ^= first >>> 15;
    second = Math.imul(second + code, 0x2c1b3c6d);
  }
  looked.first = first;
  looked.second = second;
  looked.third = 0;
  looked.fourth = 0;
  looked.kind = hashed;
}

/** Mixes what `looked` holds, so that texts that differ little start far apart. */
function spread(): number {
  const { first, second, third, fourth, kind } = looked;
  let mixed = Math.imul(first ^ (kind << 24), 0x2c1b3c6d) ^ Math.imul(second, 0x297a2d39);
  if (kind > 8) mixed ^= Math.imul(third, 0x165667b1) ^ Math.imul(fourth, 0x27d4eb2f);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}

function putLooked(slots: Int32Array, slot: number, number: number): void {
  slots[slot] = looked.first;
  slots[slot + 1] = looked.second;
  slots[slot + 2] = looked.third;
  slots[slot + 3] = looked.fourth;
  slots[slot + kindAt] = looked.kind;
  slots[slot + numberAt] = number;
}

/** The same slots in a table twice as long. */
function doubled(before: Int32Array): Int32Array<ArrayBuffer> {
  const slots = new Int32Array(before.length * 2);
  const count = slots.length / slotWords;
  for (let slot = 0; slot < before.length; slot += slotWords) {
    const number = before[slot + numberAt] ?? 0;
    if (number === 0) continue;
    looked.first = before[slot] ?? 0;
    looked.second = before[slot + 1] ?? 0;
    looked.third = before[slot + 2] ?? 0;
    looked.fourth = before[slot + 3] ?? 0;
    looked.kind = before[slot + kindAt] ?? 0;
    let at = spread() & (count - 1);
    while (slots[at * slotWords + numberAt] !== 0) at = (at + 1) & (count - 1);
    putLooked(slots, at * slotWords, number);
  }
  return slots;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}
