import { blobKey } from "../backend/chunk-key.ts";
import type { ChunkStore } from "../backend/chunk-store.ts";
import type { ShippedFunction } from "../backend/shipped-function.ts";
import type { ContentName } from "../base/ids.ts";
import type { Stage } from "../plan/stage.ts";
import type { StoredNames } from "./stored-names.ts";

/** Captured data that stages of this client use. */
interface Blob {
  stages: number;
  /** Until the data is in the store. */
  put: Promise<void> | undefined;
}

/** Puts captured data into the store before tasks need it, and has it deleted when no stage uses it any more. */
export class Blobs {
  readonly #store: ChunkStore;
  readonly #names: StoredNames;
  readonly #bytesOf: (shipped: ShippedFunction) => ReadonlyMap<ContentName, Uint8Array>;
  readonly #blobs = new Map<ContentName, Blob>();

  constructor(
    store: ChunkStore,
    names: StoredNames,
    bytesOf: (shipped: ShippedFunction) => ReadonlyMap<ContentName, Uint8Array>,
  ) {
    this.#store = store;
    this.#names = names;
    this.#bytesOf = bytesOf;
  }

  /** One more stage uses its captured data. */
  added(stage: Stage): void {
    for (const name of blobsOf(stage)) {
      const blob = this.#blobs.get(name);
      if (blob) blob.stages += 1;
      else this.#blobs.set(name, { stages: 1, put: undefined });
    }
  }

  /** One stage less uses its captured data; that of nobody goes. */
  removed(stage: Stage): void {
    for (const name of blobsOf(stage)) {
      const blob = this.#blobs.get(name);
      if (blob === undefined) continue;
      blob.stages -= 1;
      if (blob.stages > 0) continue;
      this.#blobs.delete(name);
      const erase = (): Promise<unknown> => this.#store.delete(blobKey(name));
      this.#names.free({ name, erase, mayBeStored: true, forGood: true });
    }
  }

  /** Resolves when the data of `stages` is in the store. Its names must be pinned. */
  async put(stages: readonly Stage[]): Promise<void> {
    const puts: Promise<void>[] = [];
    for (const { program } of stages) {
      for (const shipped of program.functions) {
        if (shipped.blobs.length === 0) continue;
        for (const [name, bytes] of this.#bytesOf(shipped)) {
          const put = this.#put(name, bytes);
          if (put !== undefined) puts.push(put);
        }
      }
    }
    await Promise.all(puts);
  }

  #put(name: ContentName, bytes: Uint8Array): Promise<void> | undefined {
    const blob = this.#blobs.get(name);
    if (blob === undefined) return undefined;
    blob.put ??= this.#store.putIfAbsent(blobKey(name), bytes).then(
      () => undefined,
      (error: unknown) => {
        // Another try may go better.
        blob.put = undefined;
        throw error;
      },
    );
    return blob.put;
  }
}

/** Names of the captured data that a stage's functions need, each once. */
export function blobsOf({ program }: Stage): ReadonlySet<ContentName> {
  const names = new Set<ContentName>();
  for (const shipped of program.functions) for (const name of shipped.blobs) names.add(name);
  return names;
}
