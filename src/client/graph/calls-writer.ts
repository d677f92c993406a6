import { encodeValue } from "../../chunk/value-codec.ts";
import type { LazyArgument } from "../../code/lazy/node.ts";
import type { PackedBytes } from "../../plan/stage.ts";

/** An argument that is only data. */
export type Data = Extract<LazyArgument, { kind: "data" | "bytes" }>;

/** The encoded start of a value, without its last byte. */
const startOf = (value: unknown): Uint8Array => encodeValue(value).slice(0, -1);
/** Of a task with one call of the stage's first function, up to the list of its arguments. */
const callStart = startOf([["call", 0, []]]);
const dataStart = startOf(["data", 0]);
const emptyList = 0x90;
/** One less than fits: so `encodeValue` has it, and equal calls must have equal bytes whichever way they are written. */
const smallMax = 0x7e;
/** Arguments of one call. */
export const valuesMax = 15;

/** Writes the tasks of a graph stage whose calls are all alike: one function, and arguments that are only data. */
export class CallsWriter {
  #offsets: Float64Array;
  readonly #values: number;
  #bytes = new Uint8Array(1024);
  #end = 0;
  #tasks = 0;

  /** For about so many tasks of so many arguments (at most `valuesMax`). */
  constructor(tasks: number, values: number) {
    this.#offsets = new Float64Array(tasks + 1);
    this.#values = values;
  }

  /** Begins the next task; its arguments follow. */
  beginTask(): void {
    if (this.#tasks + 1 === this.#offsets.length) this.#offsets = longer(this.#offsets);
    this.#offsets[this.#tasks++] = this.#end;
    this.#append(callStart);
    this.#byte(emptyList + this.#values);
  }

  /** Adds an argument. */
  add(argument: Data): void {
    const { kind } = argument;
    if (kind === "bytes") this.#append(encodeValue([kind, argument.bytes]));
    else if (isSmall(argument.value)) this.addSmall(argument.value);
    else this.#append(encodeValue([kind, argument.value]));
  }

  /** Adds a whole number from 0 to 2^32 − 1: nearly all items and indexes are such. */
  addSmall(value: number): void {
    this.#append(dataStart);
    if (value <= smallMax) this.#byte(value);
    else if (value <= 0xff) this.#number(0xcc, value, 1);
    else if (value <= 0xffff) this.#number(0xcd, value, 2);
    else this.#number(0xce, value, 4);
  }

  /** Tasks that were begun. */
  get tasks(): number {
    return this.#tasks;
  }

  /** The bytes of a task; not copied, and only until more is written. */
  task(index: number): Uint8Array {
    const end = index + 1 < this.#tasks ? this.#offsets[index + 1] : this.#end;
    return this.#bytes.subarray(this.#offsets[index], end);
  }

  /** Takes back the last task. */
  undoTask(): void {
    this.#tasks -= 1;
    this.#end = this.#offsets[this.#tasks] ?? 0;
  }

  finish(): PackedBytes {
    this.#offsets[this.#tasks] = this.#end;
    const offsets = this.#offsets.subarray(0, this.#tasks + 1);
    return { offsets, bytes: this.#bytes.slice(0, this.#end) };
  }

  #number(type: number, value: number, length: number): void {
    this.#byte(type);
    for (let shift = 8 * (length - 1); shift >= 0; shift -= 8) this.#byte((value >>> shift) & 0xff);
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#end++] = byte;
  }

  #append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    // Short ones, as nearly all are, are copied faster by hand.
    if (bytes.length > 32) this.#bytes.set(bytes, this.#end);
    else for (let i = 0; i < bytes.length; i++) this.#bytes[this.#end + i] = bytes[i] ?? 0;
    this.#end += bytes.length;
  }

  #reserve(length: number): void {
    const needed = this.#end + length;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = grown;
  }
}

function longer(offsets: Float64Array): Float64Array {
  const grown = new Float64Array(2 * offsets.length);
  grown.set(offsets);
  return grown;
}

function isSmall(value: unknown): value is number {
  return (
    Number.isInteger(value) &&
    Number(value) >= 0 &&
    Number(value) < 2 ** 32 &&
    !Object.is(value, -0)
  );
}
