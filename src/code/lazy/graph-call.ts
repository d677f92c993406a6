/**
 * What one task of a delayed graph does, as its index's own data: calls in order, each over the task's inputs and the
 * results of earlier calls; the last result is the task's output. Functions are positions in the stage's program.
 */
export type GraphTask = readonly GraphCall[];

/**
 * One call; of one with effects that is said last, unless all it takes is data. `attribute` reads a property of its argument, `item` takes a value by number out of a list of so many, `value`
 * gives it as it is.
 */
export type GraphCall =
  | readonly ["call", number, readonly CallArgument[], hasEffects?: true]
  | readonly ["method", string, readonly CallArgument[]]
  | readonly ["attribute", string | number, readonly CallArgument[]]
  | readonly ["item", readonly [index: number, of: number], readonly CallArgument[]]
  | readonly ["value", null, readonly CallArgument[]];

/** An argument. Inputs are counted through the slots: first all chunks of slot 0, then those of slot 1, … */
export type CallArgument =
  | readonly ["data", unknown]
  | readonly ["bytes", Uint8Array]
  | readonly ["function", number]
  /** One chunk. */
  | readonly ["input", number]
  /** The result of an earlier call of this task. */
  | readonly ["result", number]
  | readonly ["list", readonly CallArgument[]]
  | readonly ["record", readonly string[], readonly CallArgument[]]
  | readonly ["map", readonly CallArgument[], readonly CallArgument[]]
  | readonly ["set", readonly CallArgument[]];

/** The kernel that runs graph tasks. */
export const graphOperation = "graph";
/** The kernel that puts the records of many chunks into one array. */
export const recordsOperation = "records";
