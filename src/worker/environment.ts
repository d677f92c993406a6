import { readFileSync } from "node:fs";
import type { ByteSource } from "../backend/byte-source.ts";
import { blobKey } from "../backend/chunk-key.ts";
import type { ChunkStore } from "../backend/chunk-store.ts";
import type { UserFunction } from "../backend/kernel.ts";
import type { ShippedFunction } from "../backend/shipped-function.ts";
import { createLinker } from "../code/link.ts";
import { LinkedPrograms } from "./linked-program.ts";
import { onStore, TaskFailure } from "./thrown.ts";

/** What tasks need of the place they run in. One per worker: programs and functions are kept in it. */
export interface WorkerEnvironment {
  readonly store: ChunkStore;
  readonly sources: ByteSource;
  readonly programs: LinkedPrograms;
  /** Milliseconds since the epoch, with fractions. */
  now(): number;
  /** The most memory this process has had so far. */
  peakBytes(): number;
}

/** The environment of this process: the real clock, the process's memory, functions linked from what was sent. */
export function workerEnvironment(ports: {
  readonly store: ChunkStore;
  readonly sources: ByteSource;
}): WorkerEnvironment {
  const linker = createLinker({
    readBlob: async (hash) => {
      const key = blobKey(hash);
      const bytes = await onStore(() => ports.store.get(key));
      if (bytes === undefined) throw new TaskFailure({ kind: "lost-input", key });
      return bytes;
    },
  });
  // A linked function takes any arguments, whatever the user declared.
  const link = (shipped: ShippedFunction): Promise<UserFunction> =>
    linker.link(shipped) as Promise<UserFunction>;
  return {
    ...ports,
    programs: new LinkedPrograms(link),
    now: () => performance.timeOrigin + performance.now(),
    peakBytes: processPeakBytes,
  };
}

/** `VmHWM` where the system tells it, which is exact; else what `getrusage` says. */
function processPeakBytes(): number {
  try {
    const status = readFileSync("/proc/self/status", "latin1");
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(status);
    if (found !== null) return Number(found[1]) * 1024;
  } catch {
    // Only Linux has the file.
  }
  return process.resourceUsage().maxRSS * 1024;
}
