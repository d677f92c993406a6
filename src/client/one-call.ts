import { assert } from "../base/assert.ts";
import type { LazyArgument, LazyNode } from "../code/lazy/node.ts";
import { forEachLeaf } from "../code/lazy/visit-nodes.ts";
import { sessionNonce } from "./call-group.ts";
import type { Engine } from "./engine.ts";
import { Future, placeOf } from "./future.ts";
import { type FutureTargets, nodeTargets, type Place } from "./future-targets.ts";
import { checkOwner } from "./graph/live-expr.ts";
import type { PlanTarget } from "./run-targets.ts";

/** One call that takes futures, or large data: a stage of its own, planned when it begins. */
export class OneCall implements FutureTargets {
  readonly count = 1;
  readonly areApart = false;
  #node: LazyNode | undefined;
  #targets: readonly PlanTarget[] | undefined;

  constructor(node: LazyNode) {
    this.#node = node;
  }

  get targets(): readonly PlanTarget[] {
    if (this.#targets === undefined) {
      const node = this.#node as LazyNode; // Let go of below only.
      const { targets, place } = nodeTargets([node], sessionNonce);
      assert(targets.length === 1 && place(0).index === 0, "one call is the only chunk of a stage");
      this.#targets = targets;
      this.#node = undefined;
    }
    return this.#targets;
  }

  place(): Place {
    return { target: 0, index: 0 };
  }
}

/**
 * True for a call that can be planned later, since all that may be refused about it is looked at here: besides data it
 * takes futures. Throws if they are of another client.
 */
export function canWait(engine: Engine, { arguments: values }: LazyNode): boolean {
  let can = true;
  const look = (leaf: LazyArgument): void => {
    if (leaf.kind === "lazy") can &&= leaf.lazy instanceof Future && isUsable(engine, leaf.lazy);
    else can &&= leaf.kind === "data" || leaf.kind === "bytes" || leaf.kind === "function";
  };
  for (const value of values) forEachLeaf(value, look);
  return can;
}

function isUsable(engine: Engine, future: Future<unknown>): boolean {
  const { batch, position } = placeOf(future);
  checkOwner(batch.engine, engine);
  return !batch.isReleased(position);
}
