import type { AnnotateOptions } from "../code/lazy/annotations.ts";

/** How `client.map` runs its calls. */
export interface MapOptions extends AnnotateOptions {
  /** `false`: equal calls all run; `true` (the default): they are one. */
  readonly pure?: boolean;
}
