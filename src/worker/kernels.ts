import type { Kernel } from "../backend/kernel.ts";
import { graphOperation, recordsOperation } from "../code/lazy/graph-call.ts";
import { bagKernels } from "./kernels/bag-kernels.ts";
import { madeKernels } from "./kernels/bag-made.ts";
import { callFunction, first, identity, nothing } from "./kernels/basic.ts";
import { makePeople, makeTimeseries } from "./kernels/datasets.ts";
import { exchangeKernels } from "./kernels/exchange.ts";
import { graphKernel, recordsKernel } from "./kernels/graph.ts";
import { storedKernel, storedOperation } from "./kernels/stored.ts";
import { totalKernels } from "./kernels/total-kernels.ts";

/** What a worker can do, by the names that steps give. */
export const kernels: Readonly<Record<string, Kernel>> = {
  call: callFunction,
  identity,
  first,
  [storedOperation]: storedKernel,
  nothing,
  [graphOperation]: graphKernel,
  [recordsOperation]: recordsKernel,
  "datasets.people": makePeople,
  "datasets.timeseries": makeTimeseries,
  ...exchangeKernels,
  ...bagKernels,
  ...madeKernels,
  ...totalKernels,
};
