import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void; // What the flag says.

/** How many of the objects are still held by somebody. */
export async function heldOf(references: readonly WeakRef<object>[]): Promise<number> {
  // What a weak reference has given lives to the end of the turn.
  await setImmediate();
  // A collection that was under way keeps what it has already found to be in use: the second one does not.
  collect();
  collect();
  return references.filter((reference) => reference.deref() !== undefined).length;
}
