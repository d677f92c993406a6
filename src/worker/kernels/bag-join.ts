import type { Kernel, UserFunction } from "../../backend/kernel.ts";
import { present } from "../../base/assert.ts";
import { Batches, batchRecords } from "../../chunk/batches.ts";
import type { InputList } from "../../chunk/input-list.ts";
import { applyEach, batchesOf, listOf } from "./bag-apply.ts";
import { KeyTable } from "./bag-key-table.ts";
import { packetsOf } from "./bag-packets.ts";

/** Which side of a join is held as a table. The other one streams past it. */
type BuildSide = "self" | "other";

/** Records of one side by key. */
class JoinTable {
  readonly #keys = new KeyTable();
  readonly #records: unknown[][] = [];
  readonly #build: BuildSide;

  constructor(build: BuildSide) {
    this.#build = build;
  }

  get empty(): boolean {
    return this.#records.length === 0;
  }

  add(key: unknown, record: unknown): void {
    const number = this.#keys.add(key);
    if (number === this.#records.length) this.#records.push([record]);
    else this.#records[number]?.push(record);
  }

  /** The pairs `[self, other]` of `records`, which come from the streaming side, with their keys. */
  *matches(keys: Iterable<unknown>, records: readonly unknown[]): Generator<readonly unknown[]> {
    let i = 0;
    for (const key of keys) {
      const record = records[i++];
      const found = this.#records[this.#keys.find(key)];
      if (found === undefined) continue;
      for (const built of found) yield this.#build === "self" ? [built, record] : [record, built];
    }
  }
}

type Piece = Batches<Uint8Array> | undefined;

/**
 * `bag.join`: joins one part of two exchanges. Arguments: self, other. The smaller side becomes the table. A table of
 * more than `params.tableBytesMax` bytes is made in passes, each reading the streaming side again: a key that is heavy
 * on both sides costs time, not memory.
 */
export const joinParts: Kernel = ({ arguments: [first, second], params }) => {
  const { tableBytesMax } = params as { readonly tableBytesMax: number };
  const [self, other] = [listOf<Piece>(first), listOf<Piece>(second)];
  const selfIsSmaller = (self.bytes ?? 0) < (other.bytes ?? 0);
  const pairs = selfIsSmaller
    ? joinInPasses({ build: "self", tableBytesMax }, self, other)
    : joinInPasses({ build: "other", tableBytesMax }, other, self);
  return new Batches(batched(pairs));
};

async function* joinInPasses(
  { build, tableBytesMax }: { readonly build: BuildSide; readonly tableBytesMax: number },
  tablePieces: InputList<Piece>,
  streamPieces: InputList<Piece>,
): AsyncGenerator<Iterable<unknown>> {
  let table = new JoinTable(build);
  let tableBytes = 0;
  for await (const packet of packetsOf(tablePieces)) {
    if (tableBytes + packet.bytes > tableBytesMax && !table.empty) {
      yield* streamPast(table, streamPieces);
      table = new JoinTable(build);
      tableBytes = 0;
    }
    tableBytes += packet.bytes;
    let i = 0;
    for (const key of packet.keys) table.add(key, packet.records[i++]);
  }
  if (!table.empty) yield* streamPast(table, streamPieces);
}

async function* streamPast(
  table: JoinTable,
  pieces: InputList<Piece>,
): AsyncGenerator<Iterable<unknown>> {
  for await (const packet of packetsOf(pieces)) yield table.matches(packet.keys, packet.records);
}

/**
 * `bag.join-broadcast`: joins a part of the large side (argument 0) with every part of the small one (argument 1),
 * which is the side `params.build`. Functions: key of self, key of other.
 */
export const joinBroadcast: Kernel = (call) => {
  const { build } = call.params as { readonly build: BuildSide };
  const [onSelf, onOther] = call.functions;
  const keys = {
    self: present(onSelf, "a key function"),
    other: present(onOther, "a key function"),
  };
  const large = batchesOf(call.arguments[0]);
  const small = listOf<Batches>(call.arguments[1]);
  return new Batches(batched(joinSmall({ build, keys }, large, small)));
};

async function* joinSmall(
  join: { readonly build: BuildSide; readonly keys: Readonly<Record<BuildSide, UserFunction>> },
  large: Batches,
  small: InputList<Batches>,
): AsyncGenerator<Iterable<unknown>> {
  const table = new JoinTable(join.build);
  for await (const part of small) {
    for await (const batch of part) {
      const keys = await applyEach(join.keys[join.build], batch);
      for (const [i, key] of keys.entries()) table.add(key, batch[i]);
    }
  }
  const keyOf = join.keys[join.build === "self" ? "other" : "self"];
  for await (const batch of large) {
    yield table.matches(await applyEach(keyOf, batch), batch);
  }
}

/** Lists of records of any length as batches of the usual size. */
async function* batched(
  lists: AsyncIterable<Iterable<unknown>>,
): AsyncGenerator<readonly unknown[]> {
  let batch: unknown[] = [];
  for await (const list of lists) {
    for (const record of list) {
      batch.push(record);
      if (batch.length === batchRecords) {
        yield batch;
        batch = [];
      }
    }
  }
  if (batch.length > 0) yield batch;
}
