/** Some indexes of a stage, without listing them where that can be helped. Lists are sorted and free of repeats. */
export type IndexSet =
  | { readonly kind: "all" }
  | { readonly kind: "range"; readonly start: number; readonly end: number }
  | { readonly kind: "list"; readonly indexes: Uint32Array }
  /** Grid positions from `start` up to, not including, `end`, per axis. */
  | {
      readonly kind: "box";
      readonly grid: readonly number[];
      readonly start: readonly number[];
      readonly end: readonly number[];
    };

/** Every index. */
export const allIndexes: IndexSet = { kind: "all" };
