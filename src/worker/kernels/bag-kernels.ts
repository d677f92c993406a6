import type { Kernel } from "../../backend/kernel.ts";
import { mapPartitions, starmapRecords, zipRecords } from "./bag-beside.ts";
import { countKeys, countPairs, mergeCounts } from "./bag-count.ts";
import {
  countRecords,
  filterRecords,
  flattenRecords,
  mapRecords,
  removeRecords,
  takeRecords,
} from "./bag-each.ts";
import { foldKeys, foldPairs, mergeFolds } from "./bag-fold.ts";
import { groupRecords, partitionRecords } from "./bag-group.ts";
import { joinBroadcast, joinParts } from "./bag-join.ts";
import { concatRecords, cutRecords, productRecords } from "./bag-parts.ts";
import { compactRecords, pluckValues } from "./bag-pluck.ts";
import {
  choicesAsRecords,
  chooseRecords,
  mergeChoices,
  mergeSamples,
  randomSampleRecords,
  sampleAsRecords,
  sampleRecords,
} from "./bag-sample.ts";
import { mergeTop, topAsRecords, topRecords } from "./bag-top.ts";
import { itemOfRecords } from "./bag-unzip.ts";
import { findFiles } from "./text-find.ts";
import { readLines } from "./text-read.ts";
import { beginWrite, writeLines, writeManifest } from "./text-write.ts";

/** The kernels of bags and text files, by the names that steps call them. */
export const bagKernels: Readonly<Record<string, Kernel>> = {
  "bag.map": mapRecords,
  "bag.filter": filterRecords,
  "bag.remove": removeRecords,
  "bag.starmap": starmapRecords,
  "bag.pluck": pluckValues,
  "bag.compact": compactRecords,
  "bag.zip": zipRecords,
  "bag.unzip": itemOfRecords,
  "bag.map-partitions": mapPartitions,
  "bag.concat": concatRecords,
  "bag.cut": cutRecords,
  "bag.product": productRecords,
  "bag.random-sample": randomSampleRecords,
  "bag.sample": sampleRecords,
  "bag.merge-sample": mergeSamples,
  "bag.drawn-sample": sampleAsRecords,
  "bag.choices": chooseRecords,
  "bag.merge-choices": mergeChoices,
  "bag.drawn-choices": choicesAsRecords,
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
