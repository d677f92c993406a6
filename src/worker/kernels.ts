import type { Kernel } from "../backend/kernel.ts";
import { graphOperation, recordsOperation } from "../code/lazy/graph-call.ts";
import { bagKernels } from "./kernels/bag-kernels.ts";
import { callFunction, identity } from "./kernels/basic.ts";
import { exchangeKernels } from "./kernels/exchange.ts";
import { graphKernel, recordsKernel } from "./kernels/graph.ts";

/** What a worker can do, by the names that steps give. */
export const kernels: Readonly<Record<string, Kernel>> = {
  call: callFunction,
  identity,
  [graphOperation]: graphKernel,
  [recordsOperation]: recordsKernel,
  ...exchangeKernels,
  ...bagKernels,
};
