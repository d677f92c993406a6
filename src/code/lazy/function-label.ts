import type { ShippedFunction } from "../../backend/shipped-function.ts";

/** What people call a function: its name, or if it has none, the file and line where it is written. */
export function functionLabel({
  name,
  definedAt,
}: Pick<ShippedFunction, "name" | "definedAt">): string {
  if (name !== "") return name;
  const place = /([^/\\]+:\d+):\d+$/.exec(definedAt)?.[1];
  return place === undefined ? "function" : `function at ${place}`;
}
