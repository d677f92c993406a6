import {
  type Binding,
  type Integrity,
  type PropertySlot,
  propertyFlags,
  type Slot,
} from "./graph.ts";

type Read = (slot: Slot) => unknown;

/** Sets a function's variables. */
export function setVariables(
  set: (variables: object) => void,
  bindings: readonly Binding[],
  read: Read,
): void {
  if (bindings.length === 0) return;
  const variables = Object.create(null) as Record<string, unknown>;
  for (const [name, slot] of bindings) variables[name] = read(slot);
  set(variables);
}

/** Defines properties; never by assignment, which could run setters or change the prototype. */
export function defineSlots(
  object: object,
  slots: readonly PropertySlot[] | undefined,
  read: Read,
): void {
  for (const slot of slots ?? []) {
    const key = read(slot[0]) as string | symbol;
    const present = Object.getOwnPropertyDescriptor(object, key);
    // A class may have made it final while it was defined.
    if (present && !present.configurable && !present.writable) continue;
    Object.defineProperty(object, key, descriptorOf(slot, read));
  }
}

function descriptorOf(slot: PropertySlot, read: Read): PropertyDescriptor {
  if (slot.length === 4) {
    const [, get, set, flags] = slot;
    return { get: read(get), set: read(set), ...attributes(flags) } as PropertyDescriptor;
  }
  const [
    ,
    value,
    flags = propertyFlags.enumerable | propertyFlags.configurable | propertyFlags.writable,
  ] = slot;
  return {
    value: read(value),
    writable: (flags & propertyFlags.writable) !== 0,
    ...attributes(flags),
  };
}

function attributes(flags: number): { enumerable: boolean; configurable: boolean } {
  return {
    enumerable: (flags & propertyFlags.enumerable) !== 0,
    configurable: (flags & propertyFlags.configurable) !== 0,
  };
}

/** Freezes, seals or closes an object that was so. */
export function setIntegrity(object: object, integrity: Integrity | undefined): void {
  if (integrity === "frozen") Object.freeze(object);
  else if (integrity === "sealed") Object.seal(object);
  else if (integrity === "closed") Object.preventExtensions(object);
}
