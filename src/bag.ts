export {
  Bag,
  type BesidePartitions,
  type BesideValues,
  type ItemsOf,
  type PathOf,
  type Unzipped,
} from "./collections/bag/bag.ts";
export type { DistinctOptions } from "./collections/bag/distinct.ts";
export type { ReductionOptions } from "./collections/bag/fold.ts";
export type { FoldFromOptions, FoldOptions } from "./collections/bag/fold-options.ts";
export type { FromSequenceOptions } from "./collections/bag/from-sequence.ts";
export type { GroupByOptions } from "./collections/bag/group-by.ts";
export { Item } from "./collections/bag/item.ts";
export type { JoinOptions } from "./collections/bag/join.ts";
export type { PluckOptions } from "./collections/bag/pluck.ts";
export type { SampleOptions } from "./collections/bag/random-sample.ts";
export type { RangeOptions } from "./collections/bag/range.ts";
export type {
  BadLine,
  ReadJsonLinesOptions,
  ReadTextOptions,
  TextFilesOptions,
} from "./collections/bag/read-options.ts";
export type { FilePatterns } from "./collections/bag/read-text.ts";
export type {
  MadeRecords,
  PartitionRecords,
  ValueAt,
  With,
} from "./collections/bag/record-types.ts";
export type { RepartitionOptions } from "./collections/bag/repartition.ts";
export {
  fromDelayed,
  fromMap,
  fromSequence,
  range,
  readJsonLines,
  readText,
} from "./collections/bag/sources.ts";
export type { Rankable, TopkOptions } from "./collections/bag/topk.ts";
export type { VarianceOptions } from "./collections/bag/totals.ts";
export type { WriteJsonLinesOptions, WriteTextOptions } from "./collections/bag/write-options.ts";
