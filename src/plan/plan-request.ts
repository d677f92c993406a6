import type { FilesAway } from "../backend/backend.ts";
import type { ShippedFunction } from "../backend/shipped-function.ts";
import type { ContentName, StageId } from "../base/ids.ts";
import type { Expr } from "./expr.ts";
import type { IndexSet } from "./index-set.ts";
import type { PlanOptions } from "./plan-options.ts";

/** Memory of the workers that a plan must fit. */
export interface PlanLimits {
  readonly workerMemoryBytes: number;
  readonly reservedMemoryBytes: number;
}

/** An expression and which of its chunks somebody wants. */
export interface WantedExpr {
  readonly expr: Expr;
  /** Cut to the chunks that there are. */
  readonly indexes: IndexSet;
  /** The chunks go to the store even when small. */
  readonly store?: boolean;
}

/** What is to be planned. */
export interface PlanRequest {
  readonly targets: readonly WantedExpr[];
  readonly options?: Partial<PlanOptions>;
  readonly limits: PlanLimits;
  readonly nextStageId: () => StageId;
  /** The driver's live stage of this stored name: such work is shared, not planned again. */
  readonly stageNamed?: (name: ContentName) => StageId | undefined;
  /** Of the run record: keeps impure work of one run apart from that of any other. */
  readonly runNonce: string;
  /** Left out: workers see the client's machine. */
  readonly filesAway?: FilesAway;
  /** Runs once in each worker before its first task; part of every stored name that is computed. */
  readonly setUp?: ShippedFunction | undefined;
}
