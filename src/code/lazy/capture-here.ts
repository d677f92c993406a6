import type { ShippedFunction } from "../../backend/shipped-function.ts";
import { currentTask } from "../../base/current-task.ts";
import { badArgument, LambdaskError } from "../../base/errors.ts";
import { hasArrived } from "../arrived.ts";
import { capture } from "../capture.ts";

/**
 * `call` as it is now, for delayed work. A task may send on functions that came with it; new closures it may not, since
 * no program could send them again after a loss.
 */
export function captureHere(call: unknown, where: string, recreate = false): ShippedFunction {
  if (typeof call !== "function") throw badArgument(where, "a function", call);
  if (currentTask() && !hasArrived(call)) {
    throw new LambdaskError("CANNOT_SHIP", {
      message: `${where}: a task cannot send a function that was made in it (${call.name || "anonymous"})`,
      fix: "make it outside of the task, const later = delayed(fn), and call later(…) in the task",
    });
  }
  return capture(call, { where, recreate });
}
