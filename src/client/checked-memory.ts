import type { LazyNode } from "../code/lazy/node.ts";
import { allIndexes } from "../plan/index-set.ts";
import { planTargets } from "../plan/planner.ts";
import { sessionNonce } from "./call-group.ts";
import type { Engine } from "./engine.ts";
import { CallsWriter } from "./graph/calls-writer.ts";
import { callsExpr } from "./graph/item-calls.ts";

/** What calls may declare that they need, as far as it was found to fit into a worker. */
export class CheckedMemory {
  readonly #fits = new Set<number | undefined>();

  /** Throws what planning the call would throw: it is planned later, when nobody can be told any more. */
  check(engine: Engine, { action, options }: LazyNode): void {
    if (action.kind !== "call" || this.#fits.has(options.memoryBytes)) return;
    const writer = new CallsWriter(1, 0);
    writer.beginTask();
    const calls = { function: action.function, options, nonce: sessionNonce };
    const expr = callsExpr(writer.finish(), calls);
    planTargets({
      targets: [{ expr, indexes: allIndexes, store: false }],
      limits: engine.backend.limits,
      nextStageId: () => engine.driver.nextStageId(),
      runNonce: engine.session,
    });
    this.#fits.add(options.memoryBytes);
  }
}
