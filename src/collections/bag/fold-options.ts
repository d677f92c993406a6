import { checkOptions } from "../../base/check-options.ts";
import { badArgument } from "../../base/errors.ts";
import { encodeValue } from "../../chunk/value-codec.ts";
import { checkFanIn } from "./tree.ts";

/** How records are folded into a total of their own kind. */
export interface FoldOptions<A> {
  /**
   * What a total starts with, in every part a copy of its own: something that changes nothing, such as 0 for a sum. Left
   * out: the first record.
   */
  readonly initial?: A;
  /** Makes one of two totals. Left out: the function that adds records. A method, so that a bag of cats is one of animals. */
  combine?(total: A, other: A): A | PromiseLike<A>;
  /** Totals that one task combines, at least 2. Left out: 8 or 16. */
  readonly fanIn?: number;
}

/** How records are folded into a total of another kind. */
export interface FoldFromOptions<A> extends FoldOptions<A> {
  readonly initial: A;
  combine(total: A, other: A): A | PromiseLike<A>;
}

/** How a total starts: with its first record, or with a given value. */
export type FoldStart =
  | { readonly kind: "none" }
  | { readonly kind: "value"; readonly value: unknown };

type AnyFunction = (...values: never[]) => unknown;

/** What folding takes, checked. */
export interface FoldSpec {
  readonly binop: AnyFunction;
  readonly combine: AnyFunction;
  readonly start: FoldStart;
  readonly fanIn: number | undefined;
}

/** The arguments of `where`, a fold: an absent initial value is not the value undefined. */
export function checkFold(
  where: string,
  binop: AnyFunction,
  options: FoldOptions<unknown> | undefined,
): FoldSpec {
  const known = checkOptions<FoldOptions<unknown>>(where, options, ["initial", "combine", "fanIn"]);
  const { combine = binop } = known;
  if ("initial" in known) encodeValue(known.initial, `${where}: initial`);
  return {
    binop: checkFunction(`${where}: binop`, binop),
    combine: checkFunction(`${where}: combine`, combine),
    start: "initial" in known ? { kind: "value", value: known.initial } : { kind: "none" },
    fanIn: checkFanIn(where, known.fanIn),
  };
}

/** `value` if it is a function; a BAD_ARGUMENT error that names `where` if not. */
export function checkFunction(where: string, value: unknown): AnyFunction {
  if (typeof value !== "function") throw badArgument(where, "a function", value);
  return value as AnyFunction; // What it takes was checked where it was written.
}
