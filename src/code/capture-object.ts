import util from "node:util";
import { builtInPath, globalPath } from "./built-ins.ts";
import { integrityOf, propertySlots } from "./capture-properties.ts";
import type { GraphNode, ObjectExtras, Slot } from "./graph.ts";
import { importedThing } from "./import-index.ts";
import { arrivedNode, importNode } from "./import-node.ts";
import { extraPropertyCount } from "./inspect.ts";
import { instancePrototype, isOfNode } from "./instances.ts";
import { packedInstance } from "./packed.ts";
import { handleRefusal, refusalOf } from "./refused-objects.ts";
import type { Trail } from "./trail.ts";
import type { WalkContext } from "./walk-context.ts";

const { types } = util;

/** The node for an object that is no function; refuses what would not be the same thing elsewhere. */
export function objectNode(walk: WalkContext, value: object, trail: Trail): GraphNode {
  const handle = handleRefusal(value);
  if (handle) walk.refuse(trail, handle);
  const path = globalPath(value) ?? (isOfNode(value) ? builtInPath(value) : undefined);
  if (path) return { kind: "built-in", path };
  const arrived = arrivedNode(walk, value);
  if (arrived) return arrived;
  const imported = importedThing(value);
  if (imported) return importNode(walk, imported, trail);
  const packed = packedInstance(walk, value, trail);
  if (packed) return packed;
  const refusal = refusalOf(value);
  if (refusal) walk.refuse(trail, refusal);
  return dataNode(walk, value, trail);
}

function dataNode(walk: WalkContext, value: object, trail: Trail): GraphNode {
  if (Array.isArray(value)) return arrayNode(walk, value, trail);
  if (types.isMap(value)) return mapNode(walk, value, trail);
  if (types.isSet(value)) {
    const items = [...Set.prototype.values.call(value)];
    const entries = items.map((item, i) => walk.slot(item, inside(trail, `(item ${i})`)));
    return { kind: "set", entries, ...extras(walk, value, trail, Set.prototype) };
  }
  if (types.isDate(value)) {
    const time = walk.slot(Date.prototype.getTime.call(value), trail);
    return { kind: "date", time, ...extras(walk, value, trail, Date.prototype) };
  }
  if (types.isRegExp(value)) {
    const { source, flags, lastIndex } = regExpParts(value);
    const more = extras(walk, value, trail, RegExp.prototype, (key) => key !== "lastIndex");
    return { kind: "regexp", source, flags, lastIndex, ...more };
  }
  if (types.isArrayBuffer(value)) {
    refuseMore(walk, value, trail, { name: "ArrayBuffer", usual: ArrayBuffer.prototype });
    return { kind: "buffer", bytes: walk.bytes(new Uint8Array(value)) };
  }
  if (ArrayBuffer.isView(value)) return viewNode(walk, value, trail);
  if (types.isBoxedPrimitive(value)) return boxedNode(walk, value, trail);
  if (types.isNativeError(value)) return errorNode(walk, value, trail);
  if (value instanceof URL) {
    refuseMore(walk, value, trail, { name: "URL", usual: URL.prototype });
    return { kind: "url", href: value.href };
  }
  if (value instanceof URLSearchParams) {
    const usual = URLSearchParams.prototype;
    refuseMore(walk, value, trail, { name: "URLSearchParams", usual });
    return { kind: "url-search", query: String(value) };
  }
  return { kind: "object", ...extras(walk, value, trail, Object.prototype) };
}

/** Refuses what has more to it than the data of a built-in class: a class of its own, properties, or being frozen. */
function refuseMore(
  walk: WalkContext,
  value: object,
  trail: Trail,
  { name, usual }: { readonly name: string; readonly usual: unknown },
): void {
  if (Object.getPrototypeOf(value) !== usual) {
    walk.refuse(trail, {
      problem: `it is an instance of a subclass of ${name}`,
      fix: `send a plain ${name} and make the instance inside the function`,
    });
  }
  const more = extraPropertyCount(value) > 0;
  if (!more && Object.isExtensible(value)) return;
  walk.refuse(trail, {
    problem: `it is a ${name} ${more ? "with properties of its own" : "that cannot be extended"}, which a copy would lose`,
    fix: `put the ${name} and what belongs to it into an object`,
  });
}

function inside(parent: Trail, step: string): Trail {
  return { parent, label: step, step };
}

/** Everything an object has besides what its kind says. */
function extras(
  walk: WalkContext,
  value: object,
  trail: Trail,
  ...[usual, wanted]: [usual: object, wanted?: (key: string | symbol) => boolean]
): ObjectExtras {
  const found: ObjectExtras = {};
  const prototype = instancePrototype(walk, value, trail, usual);
  if (prototype !== undefined) found.prototype = prototype;
  const properties = propertySlots(walk, value, trail, wanted);
  if (properties.length > 0) found.properties = properties;
  const integrity = integrityOf(value);
  if (integrity) found.integrity = integrity;
  return found;
}

const packedMin = 512;

function arrayNode(walk: WalkContext, value: readonly unknown[], trail: Trail): GraphNode {
  const usual = Object.getPrototypeOf(value) === Array.prototype && Object.isExtensible(value);
  if (usual && value.length >= packedMin) {
    const packed = packedNode(walk, value);
    if (packed) return packed;
  }
  const items: Slot[] = [];
  const length = isSparse(value) ? 0 : value.length;
  for (let i = 0; i < length; i++) {
    const descriptor = Object.getOwnPropertyDescriptor(value, i);
    if (descriptor && "value" in descriptor) {
      items.push(walk.slot(descriptor.value, inside(trail, `[${i}]`)));
    } else items.push({ hole: 1 });
  }
  // An element that is a getter is a property like any other.
  const isOther = (key: string | symbol): boolean => {
    if (key === "length") return false;
    const index = typeof key === "string" && /^\d+$/.test(key) ? Number(key) : -1;
    const item = index >= 0 && index < items.length ? items[index] : undefined;
    return item === undefined || (typeof item === "object" && item !== null && "hole" in item);
  };
  const more = extras(walk, value, trail, Array.prototype, isOther);
  return { kind: "array", length: value.length, items, ...more };
}

/** Of an array that is mostly holes only the elements travel, as properties. */
function isSparse(value: readonly unknown[]): boolean {
  return value.length >= packedMin && Object.keys(value).length < value.length / 2;
}

/** Long arrays of primitives travel as bytes, which are stored once however many tasks use them. */
function packedNode(walk: WalkContext, value: readonly unknown[]): GraphNode | undefined {
  const packed = packedKind(value);
  if (packed === undefined || extraPropertyCount(value) > 0) return undefined;
  if (packed === "numbers") {
    const floats = Float64Array.from(value as readonly number[]);
    return { kind: "numbers", bytes: walk.bytes(new Uint8Array(floats.buffer)) };
  }
  return { kind: "primitives", bytes: walk.bytes(Buffer.from(JSON.stringify(value))) };
}

/** How the elements can be packed; undefined if one of them is an object, a hole, or what JSON cannot say. */
function packedKind(value: readonly unknown[]): "numbers" | "primitives" | undefined {
  let numbers = 0;
  let odd = 0;
  for (let i = 0; i < value.length; i++) {
    if (lookupGetter.call(value, i)) return undefined;
    const item = value[i];
    if (typeof item === "number") {
      numbers++;
      if (!isPlainNumber(item)) odd++;
    } else if (typeof item === "string") {
      if (!item.isWellFormed()) return undefined;
    } else if (typeof item !== "boolean" && item !== null) return undefined;
  }
  if (numbers === value.length) return "numbers";
  return odd > 0 ? undefined : "primitives";
}

/** Twenty times as fast as asking for a descriptor, and an element that is a getter must not run. */
const lookupGetter = Reflect.get(Object.prototype, "__lookupGetter__") as (
  this: object,
  key: number,
) => unknown;

function isPlainNumber(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}

function mapNode(walk: WalkContext, value: Map<unknown, unknown>, trail: Trail): GraphNode {
  const entries: Slot[] = [];
  let i = 0;
  for (const [key, item] of Map.prototype.entries.call(value)) {
    const name = typeof key === "string" ? JSON.stringify(key) : `#${i}`;
    entries.push(walk.slot(key, inside(trail, `(key ${name})`)));
    entries.push(walk.slot(item, inside(trail, `.get(${name})`)));
    i++;
  }
  return { kind: "map", entries, ...extras(walk, value, trail, Map.prototype) };
}

function regExpParts(value: RegExp): { source: string; flags: string; lastIndex: number } {
  // By `RegExp` itself: a subclass may have its own getters.
  const copy = new RegExp(value);
  const lastIndex: unknown = Object.getOwnPropertyDescriptor(value, "lastIndex")?.value;
  return { source: copy.source, flags: copy.flags, lastIndex: Number(lastIndex) };
}

function viewNode(walk: WalkContext, value: ArrayBufferView, trail: Trail): GraphNode {
  const { buffer, byteOffset, byteLength } = value;
  const isBuffer = Buffer.isBuffer(value);
  const type = isBuffer
    ? "Buffer"
    : types.isDataView(value)
      ? "DataView"
      : String(Reflect.get(Object.getPrototypeOf(Int8Array.prototype), Symbol.toStringTag, value));
  const usual: unknown = isBuffer ? Buffer.prototype : Reflect.get(globalThis, type)?.prototype;
  refuseMore(walk, value, trail, { name: type, usual });
  const unit =
    type === "DataView" || isBuffer ? 1 : Number(Reflect.get(value, "BYTES_PER_ELEMENT"));
  // A Buffer is often a small window on Node's shared pool, which is not the user's.
  const window = isBuffer && byteLength !== buffer.byteLength;
  const whole = window ? new Uint8Array(buffer, byteOffset, byteLength).slice().buffer : buffer;
  return {
    kind: "view",
    type,
    buffer: walk.slot(whole, inside(trail, ".buffer")),
    offset: window ? 0 : byteOffset,
    length: byteLength / unit,
  };
}

function boxedNode(walk: WalkContext, value: object, trail: Trail): GraphNode {
  const prototypes = [Number, String, Boolean, BigInt, Symbol].map((c) => c.prototype as object);
  const usual = prototypes.find((p) => p === Object.getPrototypeOf(value)) ?? Object.prototype;
  const primitive = boxedValue(value);
  const isCharacter = (key: string | symbol): boolean =>
    typeof primitive === "string" && (key === "length" || /^\d+$/.test(String(key)));
  return {
    kind: "boxed",
    value: walk.slot(primitive, trail),
    ...extras(walk, value, trail, usual, (key) => !isCharacter(key)),
  };
}

function boxedValue(value: object): unknown {
  if (types.isNumberObject(value)) return Number.prototype.valueOf.call(value);
  if (types.isStringObject(value)) return String.prototype.valueOf.call(value);
  if (types.isBooleanObject(value)) return Boolean.prototype.valueOf.call(value);
  if (types.isBigIntObject(value)) return BigInt.prototype.valueOf.call(value);
  return Symbol.prototype.valueOf.call(value);
}

/** The stack names files of this machine and is long: its first line stays. */
function errorNode(walk: WalkContext, value: Error, trail: Trail): GraphNode {
  const stack: unknown = Object.getOwnPropertyDescriptor(value, "stack")?.value;
  const [first = ""] = typeof stack === "string" ? stack.split("\n") : [];
  const more = extras(walk, value, trail, Error.prototype, (key) => key !== "stack");
  return { kind: "error", stack: first, ...more };
}
