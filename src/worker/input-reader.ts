import type { InputRef, PartRange } from "../backend/task.ts";
import type { ChunkKey } from "../base/ids.ts";
import type { MaybePromise } from "../base/maybe-promise.ts";
import { chunkKind } from "../chunk/chunk-layout.ts";
import { decodeChunk } from "../chunk/codec.ts";
import { piecesOf } from "../chunk/encode-parts.ts";
import { readChunk, readFooter } from "../chunk/stored-chunk.ts";
import type { ChunkReader } from "./local-copies.ts";
import { type ObjectPlace, objectBytes, type StoreAccess } from "./object-bytes.ts";
import { TaskFailure } from "./thrown.ts";

type StoredRef = Extract<InputRef, { readonly key: ChunkKey }>;

/** Pieces up to this size come in one ranged read; larger ones are read as their records are wanted. */
const wholePieceBytesMax = 4 * 2 ** 20;

/** How a task reads, and where it finds chunks that many tasks read, if that is another place. */
export interface InputAccess extends Omit<StoreAccess, "onRead"> {
  readonly copies?: ChunkReader | undefined;
}

/** Reads and verifies the chunks that a task's inputs name. */
export class InputReader {
  readonly #access: StoreAccess;
  readonly #copies: ChunkReader | undefined;
  /** Bytes read so far. */
  bytes = 0;
  /** Time spent waiting for the store. */
  ms = 0;

  constructor({ copies, ...access }: InputAccess) {
    this.#copies = copies;
    this.#access = {
      ...access,
      onRead: (bytes, ms) => {
        this.bytes += bytes;
        this.ms += ms;
      },
    };
  }

  /** The chunk of `ref`, decoded; inline ones without a promise. An empty piece of an exchange is `undefined`. */
  read(ref: InputRef): MaybePromise<unknown> {
    if ("inline" in ref) {
      this.bytes += ref.inline.length;
      if (ref.inline.length === 0) return undefined;
      // Where client and worker are one process, these are the very bytes that the client keeps.
      return decodeChunk(ref.inline, { shared: true });
    }
    const copies = ref.broadcast === true ? this.#copies : undefined;
    return copies === undefined ? this.#readStored(ref) : this.#readCopied(ref, copies);
  }

  #readStored({ key, part }: StoredRef, access: StoreAccess = this.#access): Promise<unknown> {
    if (part === undefined) return readChunk(objectBytes({ key }, access));
    return this.#readPart(key, part, access);
  }

  async #readCopied(ref: StoredRef, copies: ChunkReader): Promise<unknown> {
    try {
      return await this.#readStored(ref, { ...this.#access, store: copies });
    } catch (error) {
      if (!(error instanceof TaskFailure) || error.failure.kind !== "corrupt-input") throw error;
      // The copy may be wrong where the store is right.
      copies.forget(ref.key);
      return this.#readStored(ref);
    }
  }

  async #readPart(key: ChunkKey, part: PartRange, access: StoreAccess): Promise<unknown> {
    const piece = await this.#locate(key, part, access);
    if (piece.length === 0) return undefined;
    const bytes = objectBytes({ key, piece }, access);
    if (piece.length > wholePieceBytesMax) return readChunk(bytes);
    return decodeChunk(await bytes.whole(), bytes);
  }

  /** Where a part lies: as the reply of its producer said, or else as the stored footer says. */
  async #locate(
    key: ChunkKey,
    part: PartRange,
    access: StoreAccess,
  ): Promise<NonNullable<ObjectPlace["piece"]>> {
    const { offset, length, checksum } = part;
    if (offset !== undefined && length !== undefined) return { offset, length, checksum };
    const object = objectBytes({ key }, access);
    const footer = await readFooter(object);
    const pieces = footer.kind === chunkKind.parts ? piecesOf(footer.detail, object.corrupt) : [];
    const piece = pieces[part.part];
    if (piece === undefined) throw object.corrupt(`it has no part ${part.part}`);
    return piece;
  }
}
