import type { ContentName } from "../base/ids.ts";
import type { ShippedFunction } from "./shipped-function.ts";

/** What a step is applied to: the task's input slot, or the result of an earlier step. */
export type StepArgument = { readonly input: number } | { readonly step: number };

/** One operation of a task, as data. `operation` names a kernel in the worker's table. */
export interface Step {
  readonly operation: string;
  readonly arguments: readonly StepArgument[];
  /** Plain data for the kernel. */
  readonly params?: unknown;
  /** Positions in `Program.functions`. */
  readonly functions?: readonly number[];
}

/**
 * What every task of a stage does: steps in order of execution, each over inputs and earlier results. The last step's
 * result is the task's output. Steps of one program that hand over `Batches` stream: none holds the whole chunk.
 */
export interface Program {
  /** Hash of steps, function ids and set-up: workers keep programs by it. */
  readonly id: ContentName;
  readonly steps: readonly Step[];
  readonly functions: readonly ShippedFunction[];
  /** Position in `functions` of what runs once in a worker before the first task that asks for it. */
  readonly setUp?: number;
  /**
   * What the functions import, as one blob under this name, for workers that have none of the user's modules. Not part
   * of `id`: the identities of functions hold those of what they import.
   */
  readonly bundle?: ContentName;
}
