import { nameOfBytes } from "../../base/content-name.ts";
import type { ContentName } from "../../base/ids.ts";

/** Data above this many encoded bytes becomes a chunk and does not ride in every task that takes it. */
export const ownDataBytesMax: number = 16 * 1024;

const names = new WeakMap<Uint8Array, ContentName>();

/** The content name of encoded data, which never changes. A thousand calls may take the same large array: it is named once. */
export function dataName(bytes: Uint8Array): ContentName {
  if (bytes.length <= ownDataBytesMax) return nameOfBytes(bytes);
  const known = names.get(bytes);
  if (known !== undefined) return known;
  const name = nameOfBytes(bytes);
  names.set(bytes, name);
  return name;
}

/** Data that is a chunk of its own. */
export interface LargeDatum {
  readonly bytes: Uint8Array;
  /** The arrays that have these bytes. */
  readonly keys: Set<Uint8Array>;
  /** Arguments of calls that are this. */
  reads: number;
}

/** Large data that calls take, equal data once. */
export class LargeData {
  readonly #data = new Map<ContentName, LargeDatum>();

  /** Notes an argument. */
  add(bytes: Uint8Array): void {
    const name = dataName(bytes);
    const datum = this.#data.get(name) ?? { bytes, keys: new Set(), reads: 0 };
    datum.keys.add(bytes);
    datum.reads += 1;
    this.#data.set(name, datum);
  }

  /** What one call takes, and what several do. */
  split(): { readonly once: LargeDatum[]; readonly often: LargeDatum[] } {
    const all = [...this.#data.values()];
    return {
      once: all.filter(({ reads }) => reads === 1),
      often: all.filter(({ reads }) => reads > 1),
    };
  }
}
