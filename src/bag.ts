export { Bag } from "./collections/bag/bag.ts";
export type { FromSequenceOptions } from "./collections/bag/from-sequence.ts";
export type { GroupByOptions } from "./collections/bag/group-by.ts";
export type { JoinOptions } from "./collections/bag/join.ts";
export type {
  FilePatterns,
  ReadJsonLinesOptions,
  ReadTextOptions,
  TextFilesOptions,
} from "./collections/bag/read-text.ts";
export { fromSequence, readJsonLines, readText } from "./collections/bag/sources.ts";
export type { Rankable, TopkOptions } from "./collections/bag/topk.ts";
