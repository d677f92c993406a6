import type { Kernel } from "../../backend/kernel.ts";
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
  "item.map": mapValue,
};
