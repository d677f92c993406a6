import { badArgument } from "../../base/errors.ts";
import { annotations, enterAnnotations, withAnnotations } from "./annotations.ts";

/** A part of the program that was begun with `using`. */
export interface Span extends Disposable {
  /** With the names of the parts around it: `train/load`. */
  readonly name: string;
}

/**
 * Names a part of the program: stages of the work that is written in it carry the name in plans, progress and errors.
 * With a function: of what that writes, however asynchronous. With `using`: of what the rest of the block writes; an
 * async function that begins with it should be awaited before others like it start.
 * @example
 * ```ts
 * const square = delayed((n: number) => n * n, { name: "square" });
 * const work = span("load", () => square(3));
 * console.log(work.explain().includes("load: square")); // → true
 * ```
 * @example
 * ```ts
 * using load = span("load");
 * const work = delayed((n: number) => n + 1, { name: "inc" })(1);
 * console.log(load.name, work.explain().includes("load: inc")); // → load true
 * ```
 */
export function span(name: string): Span;
export function span<T>(name: string, build: () => T): T;
export function span<T>(name: string, build?: () => T): T | Span {
  if (typeof name !== "string" || name === "") {
    throw badArgument("span: name", "a text that is not empty", name);
  }
  if (build !== undefined && typeof build !== "function") {
    throw badArgument("span", "a function that builds work", build);
  }
  const around = annotations().span;
  const full = around === undefined ? name : `${around}/${name}`;
  if (build !== undefined) return withAnnotations({ span: full }, build);
  const leave = enterAnnotations({ span: full });
  return { name: full, [Symbol.dispose]: leave };
}
