import { assert } from "../../base/assert.ts";
import { encodeChunk } from "../../chunk/codec.ts";
import { encodeValue } from "../../chunk/value-codec.ts";
import type { PackedBytes } from "../../plan/stage.ts";

/** A plain value as a chunk's bytes; what is no data is refused, at `where`. */
export function valueChunk(value: unknown, where?: string): Uint8Array {
  const options = {
    wholeBytesMax: Number.POSITIVE_INFINITY,
    ...(where === undefined ? {} : { where }),
  };
  const encoded = encodeChunk(value, options);
  assert(!(encoded instanceof Promise) && encoded.kind === "whole", "a value is encoded at once");
  return encoded.bytes;
}

/** `items` in one buffer. */
export function packBytes(items: readonly Uint8Array[]): PackedBytes {
  const [only] = items;
  if (items.length === 1 && only && isLargeOwner(only)) {
    return { offsets: Float64Array.of(0, only.length), bytes: only };
  }
  const offsets = new Float64Array(items.length + 1);
  for (const [i, item] of items.entries()) offsets[i + 1] = (offsets[i] ?? 0) + item.length;
  const bytes = new Uint8Array(offsets[items.length] ?? 0);
  for (const [i, item] of items.entries()) bytes.set(item, offsets[i]);
  return { offsets, bytes };
}

/** True for bytes that are worth not copying, and that keep little else in memory. */
function isLargeOwner(bytes: Uint8Array): boolean {
  return bytes.length >= 2 ** 20 && 2 * bytes.length >= bytes.buffer.byteLength;
}

/** Item `index` of `packed`. */
export function unpackBytes(packed: PackedBytes, index: number): Uint8Array {
  return packed.bytes.subarray(packed.offsets[index], packed.offsets[index + 1]);
}

/** Builds lists of lists of numbers in compressed form. */
export class AdjacencyBuilder {
  readonly #offsets: number[] = [0];
  readonly #targets: number[] = [];

  /** Adds one list. */
  add(targets: readonly number[]): void {
    for (const target of targets) this.#targets.push(target);
    this.#offsets.push(this.#targets.length);
  }

  /** What was added. */
  finish(): { readonly offsets: Uint32Array; readonly targets: Uint32Array } {
    return {
      offsets: Uint32Array.from(this.#offsets),
      targets: Uint32Array.from(this.#targets),
    };
  }
}

/** Encodes values, remembering the bytes of those that have the same `key`. */
export class KeyedEncoder {
  readonly #known = new Map<string, Uint8Array>();

  /** The bytes of `value`; with a key, of the first value that had it. */
  encode(value: unknown, key: string | undefined): Uint8Array {
    if (key === undefined) return encodeValue(value);
    let bytes = this.#known.get(key);
    if (!bytes) {
      bytes = encodeValue(value);
      this.#known.set(key, bytes);
    }
    return bytes;
  }
}
