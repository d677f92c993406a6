import type { Failure } from "../backend/failure.ts";
import { formatBytes } from "../base/byte-size.ts";

/** How a worker process ended, as its parent saw it. */
export interface Death {
  readonly code: number | null;
  readonly signal: string | null;
  /** The end of what it printed on stderr. */
  readonly stderr: string;
  /** What its watchdog said before it ended the process. */
  readonly lastWords: string;
}

/** V8's own last words when its heap is full. */
const heapIsFull = /heap out of memory|Reached heap limit|Allocation failed - JavaScript/i;

/** The failure that a worker's death means for the tasks it had not answered. */
export function failureOfDeath(death: Death, memoryBytes: number): Failure {
  const peakBytes = overCap(death.lastWords);
  if (peakBytes !== undefined) {
    return {
      kind: "memory",
      detail: `a worker used ${formatBytes(peakBytes)}, more than its ${formatBytes(memoryBytes)}`,
      peakBytes,
    };
  }
  if ((death.signal === "SIGABRT" || death.code === 134) && heapIsFull.test(death.stderr)) {
    return {
      kind: "memory",
      detail: `a worker's JavaScript heap outgrew what its ${formatBytes(memoryBytes)} leave it`,
      peakBytes: memoryBytes,
    };
  }
  return { kind: "worker-lost", detail: describeDeath(death) };
}

/** A death in words, with the last lines the worker printed. */
export function describeDeath(death: Death): string {
  const how =
    death.signal === null ? `exited with code ${death.code}` : `was ended by ${death.signal}`;
  const stderr = death.stderr.trim();
  return stderr === "" ? `a worker ${how}` : `a worker ${how}; it last printed:\n${stderr}`;
}

function overCap(lastWords: string): number | undefined {
  if (lastWords === "") return undefined;
  const words: unknown = JSON.parse(lastWords);
  return (words as { readonly bytes: number }).bytes;
}
