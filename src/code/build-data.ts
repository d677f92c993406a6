import type { ContentName } from "../base/ids.ts";
import { wellKnownSymbol } from "./built-in-path.ts";
import type { BytesSlot, GraphNode, Slot } from "./graph.ts";
import { mismatch } from "./mismatch.ts";

/** Bytes that were stored apart, by content name. */
export type Blobs = ReadonlyMap<ContentName, Uint8Array>;

/** A slot that names no other node. */
export type PlainSlot = Exclude<
  Slot,
  { readonly ref: number } | { readonly prototypeOf: number } | { readonly hole: 1 }
>;

/** The value of a slot that names no other node. */
export function plainValue(slot: PlainSlot, blobs: Blobs): unknown {
  if (typeof slot !== "object" || slot === null) return slot;
  if ("undefined" in slot) return undefined;
  if ("number" in slot) return slot.number === "-0" ? -0 : Number(slot.number);
  if ("bigint" in slot) return BigInt(slot.bigint);
  if ("symbol" in slot) return Symbol.for(slot.symbol);
  if ("wellKnown" in slot) return wellKnownSymbol(slot.wellKnown);
  if ("blob" in slot) {
    return Buffer.from(blobBytes(slot.blob, blobs)).toString(slot.encoding);
  }
  throw mismatch(`an unknown slot ${JSON.stringify(slot)}`);
}

/** The bytes named `hash`. */
export function blobBytes(hash: ContentName, blobs: Blobs): Uint8Array {
  const bytes = blobs.get(hash);
  if (!bytes) throw mismatch(`the captured data ${hash} is missing`);
  return bytes;
}

/** A copy of the bytes, so that no two functions share them. */
function bytesOf(slot: BytesSlot, blobs: Blobs): ArrayBuffer {
  const bytes = "blob" in slot ? blobBytes(slot.blob, blobs) : Buffer.from(slot.base64, "base64");
  const copy = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
}

type ViewMaker = (buffer: ArrayBuffer, offset: number, length: number) => ArrayBufferView;

const viewMakers: ReadonlyMap<string, ViewMaker> = new Map<string, ViewMaker>([
  ["Buffer", (buffer, offset, length) => Buffer.from(buffer, offset, length)],
  ["DataView", (buffer, offset, length) => new DataView(buffer, offset, length)],
  ...[
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    BigInt64Array,
    BigUint64Array,
    Float16Array,
    Float32Array,
    Float64Array,
  ].map((type): [string, ViewMaker] => [
    type.name,
    (buffer, offset, length) => new type(buffer, offset, length),
  ]),
]);

/** A view of the named type. */
export function makeView(
  node: GraphNode & { readonly kind: "view" },
  buffer: unknown,
): ArrayBufferView {
  const make = viewMakers.get(node.type);
  if (!make || !(buffer instanceof ArrayBuffer)) throw mismatch(`no typed array ${node.type} here`);
  return make(buffer, node.offset, node.length);
}

/** An object of the node's kind, still empty; undefined for kinds that need more than the node itself. */
export function emptyObject(node: GraphNode, blobs: Blobs): object | undefined {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the others need more than the node
  switch (node.kind) {
    case "object":
      return node.prototype === null ? Object.create(null) : {};
    case "array":
      return new Array(node.length);
    case "numbers":
      return Array.from(new Float64Array(bytesOf(node.bytes, blobs)));
    case "primitives":
      return JSON.parse(Buffer.from(bytesOf(node.bytes, blobs)).toString("utf8"));
    case "map":
      return new Map();
    case "set":
      return new Set();
    case "date":
      return new Date(Number(plainValue(node.time as PlainSlot, blobs)));
    case "regexp":
      return Object.assign(new RegExp(node.source, node.flags), { lastIndex: node.lastIndex });
    case "boxed":
      return Object(plainValue(node.value as PlainSlot, blobs));
    case "url":
      return new URL(node.href);
    case "url-search":
      return new URLSearchParams(node.query);
    case "buffer":
      return bytesOf(node.bytes, blobs);
    case "error":
      return emptyError(node.stack);
    default:
      return undefined;
  }
}

function emptyError(stack: string): Error {
  const error = new Error();
  Object.defineProperty(error, "stack", { value: stack, writable: true, configurable: true });
  return error;
}
