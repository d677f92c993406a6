/** The name of the class that `value` is an instance of; `""` if it has no prototype or its class no name. */
export function classNameOf(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== "object" || prototype === null) return "";
  const maker: unknown = Reflect.get(prototype, "constructor");
  return typeof maker === "function" ? maker.name : "";
}
