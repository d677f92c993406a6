import { badArgument } from "../../base/errors.ts";
import { annotations, withAnnotations } from "./annotations.ts";

/**
 * Names a part of the program: stages of the work that `build` writes, however asynchronously, carry the name in plans,
 * progress and errors, behind the names of the parts around it: `train/load`.
 * @example
 * ```ts
 * const square = delayed((n: number) => n * n, { name: "square" });
 * const work = span("load", () => square(3));
 * console.log(work.explain().includes("load: square")); // → true
 * ```
 */
export function span<T>(name: string, build: () => T): T {
  if (typeof name !== "string" || name === "") {
    throw badArgument("span: name", "a text that is not empty", name);
  }
  if (typeof build !== "function") throw badArgument("span", "a function that builds work", build);
  const around = annotations().span;
  return withAnnotations({ span: around === undefined ? name : `${around}/${name}` }, build);
}
