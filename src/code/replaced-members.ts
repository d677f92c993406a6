import type { ClassMember } from "./class-body.ts";

/**
 * Chooses the members of a class (or of its prototype) that its text does not make: those that were put there or
 * replaced later, by decorators or by hand, and static values, whose present state counts.
 */
export function replacedMembers(
  owner: object,
  members: readonly ClassMember[],
  skipped: ReadonlySet<string | symbol>,
): (key: string | symbol) => boolean {
  return (key) => {
    if (skipped.has(key)) return false;
    const texts = members.filter((member) => member.key === undefined || member.key === key);
    const descriptor = Object.getOwnPropertyDescriptor(owner, key);
    if (!descriptor) return false;
    const { get, set } = descriptor;
    const value: unknown = descriptor.value;
    const functions = [value, get, set].filter((f) => typeof f === "function");
    if (functions.length === 0) return true;
    return functions.some((f) => {
      const own = Function.prototype.toString.call(f);
      return !texts.some(({ text }) => text.includes(own));
    });
  };
}

/** A member that the text of the class makes and that was deleted later. */
export function deletedMember(owner: object, members: readonly ClassMember[]): string | undefined {
  return members.find(({ key }) => key !== undefined && !Object.hasOwn(owner, key))?.key;
}
