import { readFileSync } from "node:fs";
import type { ByteSource } from "../backend/byte-source.ts";
import { blobKey } from "../backend/chunk-key.ts";
import type { ChunkStore } from "../backend/chunk-store.ts";
import type { UserFunction } from "../backend/kernel.ts";
import type { ShippedFunction } from "../backend/shipped-function.ts";
import type { ContentName } from "../base/ids.ts";
import { openBundle } from "../code/bundle/open-bundle.ts";
import { createLinker, type Linker } from "../code/link.ts";
import { keepBlobFiles, type ReadBlob } from "./blob-files.ts";
import { LinkedPrograms } from "./linked-program.ts";
import type { ChunkReader } from "./local-copies.ts";
import { onStore, TaskFailure } from "./thrown.ts";

/** What tasks need of the place they run in. One per worker: programs and functions are kept in it. */
export interface WorkerEnvironment {
  readonly store: ChunkStore;
  /** Where chunks that many tasks read are kept, if the store is far away. */
  readonly copies?: ChunkReader | undefined;
  readonly sources: ByteSource;
  readonly programs: LinkedPrograms;
  /** Milliseconds since the epoch, with fractions. */
  now(): number;
  /** The most memory this process has had so far. */
  peakBytes(): number;
}

/** The environment of this process: the real clock, the process's memory, functions linked from what was sent. */
export function workerEnvironment({
  blobFolder,
  ...ports
}: {
  readonly store: ChunkStore;
  readonly copies?: ChunkReader | undefined;
  readonly sources: ByteSource;
  /** Where user code and captured data are kept for processes that start here later. */
  readonly blobFolder?: string;
}): WorkerEnvironment {
  const readStored = async (hash: ContentName): Promise<Uint8Array> => {
    const key = blobKey(hash);
    const bytes = await onStore(() => ports.store.get(key));
    if (bytes === undefined) throw new TaskFailure({ kind: "lost-input", key });
    return bytes;
  };
  const readBlob = blobFolder === undefined ? readStored : keepBlobFiles(blobFolder, readStored);
  const linkers = new Linkers(readBlob);
  const link = async (shipped: ShippedFunction, bundle?: ContentName): Promise<UserFunction> => {
    const linker = await linkers.get(bundle);
    // A linked function takes any arguments, whatever the user declared.
    return linker.link(shipped) as Promise<UserFunction>;
  };
  return {
    ...ports,
    programs: new LinkedPrograms(link),
    now: () => performance.timeOrigin + performance.now(),
    peakBytes: processPeakBytes,
  };
}

/** Linkers by the bundle that their functions import from. */
class Linkers {
  readonly #linkers = new Map<ContentName | undefined, Promise<Linker>>();
  readonly #readBlob: ReadBlob;

  constructor(readBlob: ReadBlob) {
    this.#readBlob = readBlob;
  }

  get(bundle: ContentName | undefined): Promise<Linker> {
    const known = this.#linkers.get(bundle);
    if (known !== undefined) return known;
    const made = this.#make(bundle);
    this.#linkers.set(bundle, made);
    made.catch(() => this.#linkers.delete(bundle));
    return made;
  }

  async #make(hash: ContentName | undefined): Promise<Linker> {
    const readBlob = this.#readBlob;
    if (hash === undefined) return createLinker({ readBlob });
    const bundle = openBundle({ hash, bytes: await readBlob(hash) });
    return createLinker({ readBlob, bundle });
  }
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
