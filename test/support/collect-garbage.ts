import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
setFlagsFromString("--allow-natives-syntax");
const collect = runInNewContext("gc") as () => void; // What the flag says.
const endCompilations = runInNewContext("() => %FinalizeOptimization()") as () => void; // As above.

/** The machine lets go of what it has only looked at in this many turns; what a program holds stays for ever. */
const turns = 3;

/** How many of the objects are still held by somebody. */
export async function heldOf(references: readonly WeakRef<object>[]): Promise<number> {
  for (let turn = 0; turn < turns; turn++) {
    // What a weak reference has given lives to the end of the turn.
    await setImmediate();
    // Compilers on other threads hold what running functions have used, the longer the busier the machine is.
    endCompilations();
    // A collection that was under way keeps what it has already found to be in use: the second one does not.
    collect();
    collect();
  }
  return references.filter((reference) => reference.deref() !== undefined).length;
}
