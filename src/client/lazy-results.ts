import { present } from "../base/assert.ts";
import { LambdaskError } from "../base/errors.ts";
import type { LazyArgument } from "../code/lazy/node.ts";
import { setting } from "../config/resolve.ts";
import type { LazyWork } from "./collection.ts";
import { fill, leavesOf } from "./fill.ts";
import type { WorkResult } from "./work-result.ts";

/** Delayed work that a task returned in place of a value. */
export class LazyResult {
  readonly root: LazyArgument;

  constructor(root: LazyArgument) {
    this.root = root;
  }
}

/** `results` with what tasks returned as delayed work replaced by its values: `run` runs it, all at once. */
export async function resolveLazies(
  results: readonly WorkResult[],
  depth: number,
  run: (works: readonly LazyWork[]) => Promise<readonly WorkResult[]>,
): Promise<WorkResult[]> {
  const roots = results.flatMap((result) => lazyOf(result)?.root ?? []);
  if (roots.length === 0) return [...results];
  const roundsMax = setting("compute.rounds");
  if (depth >= roundsMax) throw tooDeep(roundsMax);
  const { leaves, works } = leavesOf(roots, "a task's result");
  const values = await run(works);
  const found = new Map(leaves.map((leaf, i) => [leaf, present(values[i], "a lazy's result")]));
  return results.map((result) => {
    const lazy = lazyOf(result);
    return lazy ? fill(lazy.root, found) : result;
  });
}

function lazyOf(result: WorkResult): LazyResult | undefined {
  return result.kind === "value" && result.value instanceof LazyResult ? result.value : undefined;
}

function tooDeep(roundsMax: number): LambdaskError {
  return new LambdaskError("LIMIT", {
    message: `tasks returned delayed work in place of a value ${roundsMax} times, one after another`,
    fix: "let what is returned end with a plain value at some point, or do more of it in one task; if it does end, allow more: withConfig({ compute: { rounds } }, …)",
  });
}
