import { checkOptions } from "../base/check-options.ts";
import { nameOfBytes } from "../base/content-name.ts";
import { badArgument } from "../base/errors.ts";
import type { LazyNode } from "../code/lazy/node.ts";
import { nodeOf } from "../code/lazy/node.ts";
import { forEachLeaf, visitNodes } from "../code/lazy/visit-nodes.ts";
import { TokenWriter } from "../code/token/token-writer.ts";
import type { Expr } from "../plan/expr.ts";
import { isLazy, lazyParts } from "./collection.ts";
import { lateOperation } from "./graph/late-nodes.ts";
import { lazyToken } from "./lazy-token.ts";

/** How `tokenize` treats what has no identity by content. */
export interface TokenizeOptions {
  /**
   * `true`: a NOT_DATA error names it. `false` (the default): it is told apart by which object it is, so the token is
   * good in this process only.
   */
  readonly strict?: boolean;
}

/** Changes whenever what is written for a value does, so that no old token meets a new one. */
const version = 1;

/**
 * A text of 32 hexadecimal digits that stands for a value: equal for equal values in every process and on every machine,
 * and different for different ones. The order of fields, of Map entries and of Set members does not count; types do
 * (`1`, `1n` and `"1"` differ, and so do `0` and `-0`, and typed arrays of different kinds). Functions and classes count
 * by their code and what they use, collections by what they compute. A method `[Symbol.for("lambdask.tokenize")]()`
 * answers for its object.
 * @example
 * ```ts
 * console.log(tokenize({ a: 1, b: 2 }) === tokenize({ b: 2, a: 1 })); // → true
 * console.log(tokenize([1]) === tokenize(["1"])); // → false
 * ```
 */
export function tokenize(value: unknown, options?: TokenizeOptions): string {
  const { strict = false } = checkOptions("tokenize", options, ["strict"]);
  if (typeof strict !== "boolean") throw badArgument("tokenize: strict", "true or false", strict);
  const writer = new TokenWriter({
    strict,
    lazy: (found) => {
      if (!isLazy(found)) return undefined;
      return strict && isOfThisRun(found) ? ofThisRun : { token: lazyToken(found) };
    },
  });
  return nameOfBytes(`${version}|${writer.write(value)}`);
}

const ofThisRun = {
  problem: "work with a future or an impure call in it is named for this run of the program only",
  fix: "tokenize what it is made of",
};

/** True if the name of some of the work changes from run to run: that of futures, and of calls that are not pure. */
function isOfThisRun(lazy: object): boolean {
  const seen = new Set<object>();
  const open: object[] = [lazy];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const node = nodeOf(next);
    if (node ? hasImpure(node, open) : hasRunNames(next, open)) return true;
  }
  return false;
}

function hasImpure(root: LazyNode, open: object[]): boolean {
  let found = false;
  visitNodes([root], (node) => {
    found ||= node.nonce !== "";
    for (const argument of node.arguments) {
      forEachLeaf(argument, (leaf) => {
        if (leaf.kind === "lazy") open.push(leaf.lazy);
      });
    }
  });
  return found;
}

function hasRunNames(lazy: object, lazies: object[]): boolean {
  const { family, source } = lazyParts(lazy, "tokenize");
  const open: Expr[] = family.works([source]).map(({ expr }) => expr);
  const seen = new Set<Expr>();
  for (let expr = open.pop(); expr !== undefined; expr = open.pop()) {
    if (expr.nonce !== "" || expr.operation.name === "live") return true;
    if (seen.has(expr)) continue;
    open.push(...expr.children);
    const nodes = lateOperation(expr)?.nodesOf(expr) ?? [];
    if (nodes.some((node) => hasImpure(node, lazies))) return true;
    seen.add(expr);
  }
  return false;
}
