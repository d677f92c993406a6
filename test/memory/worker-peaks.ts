import fs from "node:fs";

/** Looks at the children of the process `pid` until it is disposed of. */
export class WorkerPeaks implements Disposable {
  readonly #peaks = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.#timer = setInterval(() => {
      for (const child of childrenOf(pid)) {
        const peak = peakOf(child);
        if (peak !== undefined) this.#peaks.set(child, peak);
      }
    }, lookEveryMs);
  }

  /** The most memory that one child has had, in bytes; 0 if there was none. */
  get most(): number {
    return Math.max(0, ...this.#peaks.values());
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** The system keeps the peak, so that only what a child did in its very last moments is missed. */
const lookEveryMs = 20;

/** The processes that `pid` has started and that are alive. */
export function childrenOf(pid: number): number[] {
  const list = read(`/proc/${pid}/task/${pid}/children`) ?? "";
  return list.split(" ").filter(Boolean).map(Number);
}

/** The most memory that a process has had, in bytes; `undefined` once it has ended. */
export function peakOf(pid: number): number | undefined {
  const kibibytes = /^VmHWM:\s+(\d+)/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return kibibytes === undefined ? undefined : 1024 * Number(kibibytes);
}

/** `undefined` where the process has ended. */
function read(file: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
