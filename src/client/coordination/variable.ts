import { nameOfBytes } from "../../base/content-name.ts";
import { badArgument, LambdaskError } from "../../base/errors.ts";
import { decodeValue, encodeValue } from "../../chunk/value-codec.ts";
import { holdsLazies } from "../../code/lazy/argument.ts";
import type { SharedFiles } from "./shared-files.ts";

/** Bytes of an encoded value: each change writes it anew. */
const valueBytesMax = 256 * 1024;

/**
 * A small value that programs which share a store read and change by name, on any machines. Made by `client.variable`.
 * @example
 * ```ts
 * const place = client.variable<{ page: number }>("place");
 * await place.set({ page: 7 });
 * console.log(await place.get()); // → { page: 7 }
 * ```
 */
export class Variable<T> {
  readonly name: string;
  readonly #files: SharedFiles;
  readonly #file: string;

  /** For this library: use `client.variable`. */
  constructor(files: SharedFiles, name: string) {
    this.name = name;
    this.#files = files;
    this.#file = `variables/${nameOfBytes(name)}`;
  }

  /**
   * The value; `undefined` if there is none.
   * @example
   * ```ts
   * console.log(await client.variable("never set").get()); // → undefined
   * ```
   */
  get(): Promise<T | undefined> {
    return this.#files.change(this.#file, (bytes) => ({ result: this.#decode(bytes) }));
  }

  /**
   * Sets the value: plain data of up to 256 KiB.
   * @example
   * ```ts
   * const day = client.variable<string>("day");
   * await day.set("2026-11-29");
   * console.log(await day.get()); // → 2026-11-29
   * ```
   */
  set(value: T): Promise<void> {
    const bytes = this.#encode("set", value);
    return this.#files.change(this.#file, () => ({ bytes, result: undefined }));
  }

  /**
   * Sets what `change` makes of the value, and gives that; `change` may be called again if others changed it meanwhile.
   * @example
   * ```ts
   * const count = client.variable<number>("count");
   * await Promise.all([1, 2, 3].map((by) => count.update((n = 0) => n + by)));
   * console.log(await count.get()); // → 6
   * ```
   */
  async update(change: (value: T | undefined) => T): Promise<T> {
    if (typeof change !== "function") {
      throw badArgument("variable.update", "a function of the value", change);
    }
    return this.#files.change(this.#file, (bytes) => {
      const result = change(this.#decode(bytes));
      return { bytes: this.#encode("update", result), result };
    });
  }

  /**
   * Takes the value away.
   * @example
   * ```ts
   * await client.variable("old").delete();
   * ```
   */
  delete(): Promise<void> {
    return this.#files.delete(this.#file);
  }

  #decode(bytes: Uint8Array | undefined): T | undefined {
    return bytes === undefined ? undefined : (decodeValue(bytes) as T); // Whoever set it says what it is.
  }

  #encode(method: string, value: T): Uint8Array {
    const where = `variable.${method}: ${JSON.stringify(this.name)}`;
    if (holdsLazies(value)) {
      throw new LambdaskError("NOT_DATA", {
        message: `not plain data: ${where}: a future or a collection, which other programs cannot read`,
        fix: "publish the collection: client.publish(name, collection)",
      });
    }
    const bytes = encodeValue(value, where);
    if (bytes.length <= valueBytesMax) return new Uint8Array(bytes);
    throw new LambdaskError("LIMIT", {
      message: `${where}: ${bytes.length} bytes, and a variable may have ${valueBytesMax}`,
      fix: "publish what is large: client.publish(name, collection)",
    });
  }
}
