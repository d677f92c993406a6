import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What memory a worker looks at. */
export interface MemoryProbe {
  /** Bytes this process has in memory now. */
  residentBytes(): number;
  collectGarbage(): void;
}

/** The share of what tasks may use that may stay taken between them. */
const keptShare = 0.5;

/**
 * Tells whether this worker should be replaced: more stays taken between its tasks than a collection frees, so the
 * next task would not have the room that was projected for it.
 */
export function shouldRecycle(
  limits: { readonly memoryBytes: number; readonly reservedMemoryBytes: number },
  probe: MemoryProbe,
): boolean {
  const { memoryBytes, reservedMemoryBytes } = limits;
  const keptMax = reservedMemoryBytes + keptShare * (memoryBytes - reservedMemoryBytes);
  if (probe.residentBytes() <= keptMax) return false;
  probe.collectGarbage();
  return probe.residentBytes() > keptMax;
}

let collect: (() => void) | undefined;

/** This process. */
export const processMemory: MemoryProbe = {
  residentBytes: () => process.memoryUsage.rss(),
  collectGarbage: () => {
    collect ??= garbageCollector();
    collect();
    // Buffers are given back beside the program: a second collection waits for those of the first.
    collect();
  },
};

/** The collector's handle is there only behind a flag, which may be set late if the context is made after it. */
function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const found: unknown = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  return found as () => void;
}
