import type { Kernel } from "../../backend/kernel.ts";
import { countKeys, countPairs, mergeCounts } from "./bag-count.ts";
import {
  countRecords,
  filterRecords,
  flattenRecords,
  mapRecords,
  takeRecords,
} from "./bag-each.ts";
import { foldKeys, foldPairs, mergeFolds } from "./bag-fold.ts";
import { groupRecords, partitionRecords } from "./bag-group.ts";
import { joinBroadcast, joinParts } from "./bag-join.ts";
import { mergeTop, topAsRecords, topRecords } from "./bag-top.ts";
import { findFiles } from "./text-find.ts";
import { readLines } from "./text-read.ts";
import { beginWrite, writeLines, writeManifest } from "./text-write.ts";

/** The kernels of bags and text files, by the names that steps call them. */
export const bagKernels: Readonly<Record<string, Kernel>> = {
  "bag.map": mapRecords,
  "bag.filter": filterRecords,
  "bag.flatten": flattenRecords,
  "bag.take": takeRecords,
  "bag.size": countRecords,
  "bag.count-keys": countKeys,
  "bag.merge-counts": mergeCounts,
  "bag.count-pairs": countPairs,
  "bag.fold-keys": foldKeys,
  "bag.merge-folds": mergeFolds,
  "bag.fold-pairs": foldPairs,
  "bag.partition": partitionRecords,
  "bag.group": groupRecords,
  "bag.join": joinParts,
  "bag.join-broadcast": joinBroadcast,
  "bag.top": topRecords,
  "bag.merge-top": mergeTop,
  "bag.top-records": topAsRecords,
  "text.find": findFiles,
  "text.read": readLines,
  "text.write-begin": beginWrite,
  "text.write": writeLines,
  "text.write-manifest": writeManifest,
};
