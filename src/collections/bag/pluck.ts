import { checkOptions } from "../../base/check-options.ts";
import { badArgument } from "../../base/errors.ts";
import { encodeValue } from "../../chunk/value-codec.ts";
import type { Expr } from "../../plan/expr.ts";
import { streamMemory } from "../../plan/memory-stream.ts";
import { bagExpr } from "./bag-expr.ts";
import { partOperation } from "./part-operation.ts";

/** How a value is plucked. */
export interface PluckOptions<D> {
  /** What stands for a value that is missing or undefined; plain data. */
  readonly default: D;
}

interface PluckParams {
  readonly path: readonly (string | number)[];
  readonly default: { readonly value: unknown } | undefined;
}

const memory = streamMemory(1, { ends: false });
/** One value out of every record. */
const pluckOperation = partOperation<PluckParams>({ name: "bag.pluck", label: "pluck", memory });
/** The records in which a value is there. */
const compactOperation = partOperation<Pick<PluckParams, "path">>({
  name: "bag.compact",
  label: "compact",
  memory,
});

/** The bag of what lies at `path` in every record. */
export function pluck(bag: Expr, path: unknown, options?: PluckOptions<unknown>): Expr {
  const known = checkOptions("bag.pluck", options, ["default"]);
  if ("default" in known) encodeValue(known.default, "bag.pluck: default");
  return bagExpr({
    operation: pluckOperation,
    params: {
      path: checkPath("bag.pluck: path", path),
      default: "default" in known ? { value: known.default } : undefined,
    },
    children: [bag],
    like: bag,
  });
}

/** The bag without the records that are null or undefined; with a path, without those where null or undefined lies there. */
export function compact(bag: Expr, path?: unknown): Expr {
  const params = { path: path === undefined ? [] : checkPath("bag.compact: key", path) };
  return bagExpr({ operation: compactOperation, params, children: [bag], like: bag });
}

function checkPath(where: string, path: unknown): PluckParams["path"] {
  const keys: readonly unknown[] = Array.isArray(path) ? path : [path];
  const isKey = (key: unknown): key is string | number =>
    typeof key === "string" || (typeof key === "number" && Number.isSafeInteger(key) && key >= 0);
  if (keys.length > 0 && keys.every(isKey)) return keys;
  throw badArgument(
    where,
    "a property name, a position from 0, or a non-empty list of those",
    path,
  );
}
