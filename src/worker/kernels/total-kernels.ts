import type { Kernel } from "../../backend/kernel.ts";
import { distinctOfPart, distinctRecords, mergeDistinct } from "./bag-distinct.ts";
import {
  aggregateResults,
  combineTotals,
  foldedValue,
  foldRecords,
  reducedValue,
  reducePart,
  runningTotals,
  totalBehind,
} from "./bag-fold-all.ts";
import { addSums, meanOf, sumOf, sumPart, varianceOf } from "./bag-sum.ts";
import {
  addSizes,
  extremeRecord,
  extremeValue,
  mergeExtremes,
  mergeTests,
  testRecords,
} from "./bag-total.ts";
import { mapValue } from "./item-map.ts";

/** The kernels of what makes one value of a bag, by the names that steps call them. */
export const totalKernels: Readonly<Record<string, Kernel>> = {
  "bag.add-sizes": addSizes,
  "bag.sum-part": sumPart,
  "bag.add-sums": addSums,
  "bag.sum": sumOf,
  "bag.mean": meanOf,
  "bag.variance": varianceOf,
  "bag.test": testRecords,
  "bag.merge-tests": mergeTests,
  "bag.extreme": extremeRecord,
  "bag.merge-extremes": mergeExtremes,
  "bag.extreme-record": extremeValue,
  "bag.fold": foldRecords,
  "bag.combine-totals": combineTotals,
  "bag.folded-value": foldedValue,
  "bag.reduce-part": reducePart,
  "bag.aggregate": aggregateResults,
  "bag.reduced-value": reducedValue,
  "bag.accumulate-total": totalBehind,
  "bag.accumulate": runningTotals,
  "bag.distinct": distinctOfPart,
  "bag.merge-distinct": mergeDistinct,
  "bag.distinct-records": distinctRecords,
  "item.map": mapValue,
};
