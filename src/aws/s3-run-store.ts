import type { Clock } from "../backend/clock.ts";
import type { ObjectBucket, ObjectCondition } from "../backend/object-bucket.ts";
import type { RunStore } from "../backend/run-store.ts";
import { JournalCopy } from "./journal-copy.ts";
import { onBucket } from "./store-errors.ts";

/** What a run store keeps its files in. */
export interface S3RunStoreParts {
  readonly bucket: ObjectBucket;
  /** Files of this machine: what is appended must survive the end of this process at once. */
  readonly local: RunStore;
  readonly clock: Clock;
}

type RunFile = { readonly bytes: Uint8Array; readonly version: string };

/**
 * Run records and leases as objects of a bucket; journals as local files, whose ends are copied to the bucket now
 * and then. A name is a journal from its first `append` on. Who resumes a run reads its journal first: on the machine
 * that wrote it all of it is found, on another one what was copied.
 */
export class S3RunStore implements RunStore {
  readonly #bucket: ObjectBucket;
  readonly #local: RunStore;
  readonly #clock: Clock;
  readonly #journals = new Map<string, JournalCopy>();

  constructor({ bucket, local, clock }: S3RunStoreParts) {
    this.#bucket = bucket;
    this.#local = local;
    this.#clock = clock;
  }

  append(name: string, bytes: Uint8Array): void | Promise<void> {
    const journal = this.#journals.get(name) ?? this.#hold(name);
    const appended = this.#local.append(name, bytes);
    journal.grown();
    return appended;
  }

  async replace(name: string, bytes: Uint8Array, ifVersion?: string): Promise<boolean> {
    const journal = this.#journals.get(name);
    if (journal === undefined) return this.#put(name, bytes, ifVersion);
    if (!(await this.#local.replace(name, bytes, ifVersion))) return false;
    journal.replaced();
    return true;
  }

  async get(name: string): Promise<RunFile | undefined> {
    if (this.#journals.has(name)) return this.#local.get(name);
    const found = await this.#object(name);
    if (found !== undefined) return found;
    return this.#recover(name);
  }

  async list(prefix: string): Promise<readonly string[]> {
    const objects = await onBucket(this.#bucket, () =>
      Array.fromAsync(this.#bucket.list(prefix), ({ key }) => JournalCopy.nameOf(key)),
    );
    const journals = [...this.#journals.keys()].filter((name) => name.startsWith(prefix));
    return [...new Set([...objects, ...journals])];
  }

  async delete(name: string): Promise<void> {
    const journal = this.#journals.get(name);
    this.#journals.delete(name);
    await this.#local.delete(name);
    const keys = await onBucket(this.#bucket, async () => journal?.keys() ?? [name]);
    await onBucket(this.#bucket, () => this.#bucket.deleteAll(keys));
  }

  async deleteVersion(name: string, version: string): Promise<boolean> {
    if (!this.#journals.has(name)) {
      return await onBucket(this.#bucket, () => this.#bucket.deleteVersion(name, version));
    }
    if (!(await this.#local.deleteVersion(name, version))) return false;
    await this.delete(name);
    return true;
  }

  /** Copies what was appended since the last copy, for a resume on another machine, and stops copying. */
  async close(): Promise<void> {
    const journals = [...this.#journals.values()];
    this.#journals.clear();
    await Promise.all(journals.map((journal) => journal.close()));
  }

  #hold(name: string): JournalCopy {
    const journal = this.#copyOf(name);
    this.#journals.set(name, journal);
    return journal;
  }

  #copyOf(name: string): JournalCopy {
    return new JournalCopy(name, {
      bucket: this.#bucket,
      clock: this.#clock,
      read: async () => (await this.#local.get(name))?.bytes ?? new Uint8Array(),
    });
  }

  async #put(name: string, bytes: Uint8Array, ifVersion: string | undefined): Promise<boolean> {
    const condition = conditionOf(ifVersion);
    const write = { key: name, ...(condition === undefined ? {} : { condition }) };
    const put = await onBucket(this.#bucket, () => this.#bucket.put(write, bytes));
    if (put.kind !== "unclear") return put.kind === "written";
    // Somebody wrote it after we looked; if these are our bytes, it was our own try whose answer was lost.
    const found = await this.#object(name);
    return found !== undefined && Buffer.compare(found.bytes, bytes) === 0;
  }

  async #object(name: string): Promise<RunFile | undefined> {
    const answer = await onBucket(this.#bucket, () => this.#bucket.get({ key: name }));
    return answer.kind === "found" ? answer : undefined;
  }

  /** The journal of a process that was cut off: as this machine has it, or as it was copied if that is more. */
  async #recover(name: string): Promise<RunFile | undefined> {
    // Nobody's journal until one is found: what is written under the name meanwhile may be a record.
    const journal = this.#copyOf(name);
    const copied = await onBucket(this.#bucket, () => journal.load());
    const bytes = (await this.#local.get(name))?.bytes ?? new Uint8Array();
    if (copied.length > bytes.length) await this.#local.replace(name, copied);
    const file = await this.#local.get(name);
    if (file !== undefined && !this.#journals.has(name)) {
      this.#journals.set(name, journal);
      journal.resumed(copied, file.bytes);
    }
    return file;
  }
}

function conditionOf(ifVersion: string | undefined): ObjectCondition | undefined {
  if (ifVersion === undefined) return undefined;
  return ifVersion === "" ? { absent: true } : { version: ifVersion };
}
