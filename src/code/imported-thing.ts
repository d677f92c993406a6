import type { ImportBinding } from "./module-bindings.ts";

/** Where an imported thing was found: a binding of a module, and names below it. */
export interface ImportedThing {
  readonly binding: ImportBinding;
  /** URL of the importing module. */
  readonly url: string;
  readonly path: readonly string[];
}
