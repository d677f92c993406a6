/**
 * Which chunks of a producer stage each index of a consumer stage reads: a closed union of data, never a list of
 * tasks. Grids are row-major: the last axis varies fastest.
 */
export type InputMapping =
  /** Index i reads chunk i. */
  | { readonly kind: "one" }
  /** Index i reads chunk i − by, if there is one. */
  | { readonly kind: "shifted"; readonly by: number }
  /** Index i reads chunks i·size … i·size+size−1, as far as there are any. */
  | { readonly kind: "group"; readonly size: number }
  /** Every index reads every chunk. */
  | { readonly kind: "all" }
  /**
   * Between grids. `axes[a]` tells what producer axis `a` follows: a consumer axis (its coordinate; a producer axis of
   * length 1 always gives 0), or `null`: coordinate 0. Transposes and broadcasts. Reads exactly one chunk.
   */
  | {
      readonly kind: "grid";
      readonly consumer: readonly number[];
      readonly producer: readonly number[];
      readonly axes: readonly (number | null)[];
    }
  /** Like `grid`, but producer axes marked `"all"` are read along their whole length (matmul, reduce along an axis). */
  | {
      readonly kind: "contract";
      readonly consumer: readonly number[];
      readonly producer: readonly number[];
      readonly axes: readonly (number | "all" | null)[];
    }
  /** Index at grid position p reads every chunk within `depth` of p on each axis; `periodic` axes wrap around. */
  | {
      readonly kind: "neighbours";
      readonly grid: readonly number[];
      readonly depth: readonly number[];
      readonly periodic: readonly boolean[];
    }
  /** Box overlaps (rechunk, slices): along axis a, consumer coordinate c reads producer coordinates starts[a][c] … ends[a][c]−1. */
  | {
      readonly kind: "ranges";
      readonly consumer: readonly number[];
      readonly producer: readonly number[];
      readonly starts: readonly Uint32Array[];
      readonly ends: readonly Uint32Array[];
    }
  /**
   * Of an exchange. Consumer i reads part ⌊i/groups⌋ of producers (i mod groups)·span … +span−1. Direct exchange:
   * groups 1, span = producers. First stage of a two-stage exchange: producers in `groups` groups of `span`.
   */
  | { readonly kind: "part"; readonly groups: number; readonly span: number }
  /** Second stage of a two-stage exchange. Consumer i reads part i mod fine of combiners ⌊i/fine⌋·groups … +groups−1. */
  | { readonly kind: "combined"; readonly fine: number; readonly groups: number }
  /** Irregular: consumer i reads chunks targets[offsets[i]] … targets[offsets[i+1]−1], in that order. */
  | { readonly kind: "csr"; readonly offsets: Uint32Array; readonly targets: Uint32Array };

/** True if the mapping reads parts of exchange objects and not whole chunks. */
export function readsParts(mapping: InputMapping): boolean {
  return mapping.kind === "part" || mapping.kind === "combined";
}

/** True if each index reads exactly one chunk, handed to the operation as it is and not as a list. */
export function readsSingle(mapping: InputMapping): boolean {
  return mapping.kind === "one" || mapping.kind === "grid";
}
