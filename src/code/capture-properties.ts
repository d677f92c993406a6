import { type Integrity, type PropertySlot, propertyFlags, type Slot } from "./graph.ts";
import type { Trail } from "./trail.ts";
import type { WalkContext } from "./walk-context.ts";

const ordinary = propertyFlags.enumerable | propertyFlags.configurable | propertyFlags.writable;

/** The own properties of `object` that `wanted` names; getters are taken as functions and never run. */
export function propertySlots(
  walk: WalkContext,
  object: object,
  trail: Trail,
  wanted: (key: string | symbol) => boolean = () => true,
): PropertySlot[] {
  const slots: PropertySlot[] = [];
  for (const key of Reflect.ownKeys(object)) {
    if (!wanted(key)) continue;
    const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
    if (!descriptor || isInternal(key, descriptor)) continue;
    slots.push(propertySlot(walk, key, descriptor, trail));
  }
  return slots;
}

/** Marks that Node's own classes leave on instances of the user's subclasses of them. */
function isInternal(key: string | symbol, descriptor: PropertyDescriptor): boolean {
  return (
    typeof key === "symbol" &&
    typeof descriptor.value === "boolean" &&
    Symbol.keyFor(key) === undefined &&
    /^(kCapture|shapeMode)$/.test(key.description ?? "")
  );
}

/** What cannot be done to `object` any more. */
export function integrityOf(object: object): Integrity | undefined {
  if (Object.isExtensible(object)) return undefined;
  if (Object.isFrozen(object)) return "frozen";
  return Object.isSealed(object) ? "sealed" : "closed";
}

function propertySlot(
  walk: WalkContext,
  key: string | symbol,
  descriptor: PropertyDescriptor,
  parent: Trail,
): PropertySlot {
  const step = typeof key === "symbol" ? `[${String(key)}]` : propertyStep(key);
  const trail = { parent, label: step, step };
  const name: Slot = walk.slot(key, trail);
  const flags =
    (descriptor.enumerable ? propertyFlags.enumerable : 0) |
    (descriptor.configurable ? propertyFlags.configurable : 0);
  if (descriptor.get || descriptor.set) {
    const get = walk.slot(descriptor.get, { ...trail, label: `getter ${step}` });
    const set = walk.slot(descriptor.set, { ...trail, label: `setter ${step}` });
    return [name, get, set, flags];
  }
  const value = walk.slot(descriptor.value, trail);
  const all = flags | (descriptor.writable ? propertyFlags.writable : 0);
  return all === ordinary ? [name, value] : [name, value, all];
}

function propertyStep(key: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
    ? `.${key}`
    : `[${JSON.stringify(key)}]`;
}
