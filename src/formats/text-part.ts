import type { SourceFile } from "../backend/byte-source.ts";
import type { Packing } from "./packing.ts";
import type { TextFormat } from "./text-form.ts";

/** The block of a text file that a task reads. */
export interface TextPiece {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
  readonly packing: Packing;
  /** What users call the file, if that may be asked for: workers may read a copy of it. */
  readonly path?: string;
}

/** What one task reads, one piece after another: its own data. */
export type TextPart = readonly TextPiece[];

/** How text is read. */
export interface TextReading extends TextFormat {
  /** Records are lines, or what lines say as JSON. */
  readonly records: "text" | "json";
  /** What becomes of a line that is no JSON: `"call"` asks the step's function. */
  readonly onBadLine: "fail" | "skip" | "call";
  /** Whether records are pairs with the path of their file. */
  readonly withPaths?: boolean;
}
