import type { Kernel } from "../../backend/kernel.ts";
import { LambdaskError } from "../../base/errors.ts";

/** The operation of stages whose chunks are in the store already. */
export const storedOperation = "stored";

/** Runs only where a chunk was looked for in vain: says so. */
export const storedKernel: Kernel = ({ params, task }) => {
  const { published } = params as { readonly published: string };
  throw new LambdaskError("CHUNK_LOST", {
    message: `published ${JSON.stringify(published)}: its chunk ${task.index} is gone from the store`,
    fix: "publish it again from the program that makes it, with { replace: true } if the name is still taken",
    data: { published, index: task.index },
  });
};
