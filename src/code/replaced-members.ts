/**
 * Chooses the members of a class (or of its prototype) that its text does not make: those that were put there or
 * replaced later, by decorators or by hand, and static values, whose present state counts.
 */
export function replacedMembers(
  owner: object,
  text: string,
  skipped: ReadonlySet<string | symbol>,
): (key: string | symbol) => boolean {
  return (key) => {
    if (skipped.has(key)) return false;
    const descriptor = Object.getOwnPropertyDescriptor(owner, key);
    if (!descriptor) return false;
    const { get, set } = descriptor;
    const value: unknown = descriptor.value;
    const functions = [value, get, set].filter((f) => typeof f === "function");
    if (functions.length === 0) return true;
    return functions.some((f) => !text.includes(Function.prototype.toString.call(f)));
  };
}
