import type { Kernel } from "../../backend/kernel.ts";
import { present } from "../../base/assert.ts";

/** `item.map`: the function's result for the value. */
export const mapValue: Kernel = (call) =>
  present(call.functions[0], "the function of item.map")(call.arguments[0]);
