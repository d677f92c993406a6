/** Thresholds of the planner. Constants, never taken from cores, memory or backend, so that names stay the same everywhere. */
export interface PlanOptions {
  /** Inputs per task of a reduce tree over small partials. */
  readonly reduceFanIn: number;
  /** The same for partials of a megabyte and more. */
  readonly reduceFanInLarge: number;
  /** An exchange of more parts than this takes two stages. */
  readonly directPartsMax: number;
  /** producers × parts above this are refused for a direct exchange. */
  readonly directTransfersMax: number;
  /** A side of a join up to this many bytes is broadcast. */
  readonly broadcastBytesMax: number;
  /** Bytes an exchange part should have, when the count is chosen from measured bytes. */
  readonly partBytes: number;
  /** Source chunks fused into one task at the most. */
  readonly fuseSourcesMax: number;
  readonly fuseInputsMax: number;
  /** Steps of one task at the most, fused ones included. */
  readonly fuseStepsMax: number;
  /** Passes of the rewrite loop. */
  readonly rewritePassesMax: number;
}

/** The release's thresholds. */
export const defaultPlanOptions: PlanOptions = {
  reduceFanIn: 16,
  reduceFanInLarge: 8,
  directPartsMax: 128,
  directTransfersMax: 4_000_000,
  broadcastBytesMax: 32 * 2 ** 20,
  partBytes: 64 * 2 ** 20,
  fuseSourcesMax: 4,
  fuseInputsMax: 10,
  fuseStepsMax: 100,
  rewritePassesMax: 32,
};
