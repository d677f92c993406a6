import type { Kernel, UserFunction } from "../../backend/kernel.ts";
import { present } from "../../base/assert.ts";
import { chain, type MaybePromise } from "../../base/maybe-promise.ts";
import { Batches, batchRecords } from "../../chunk/batches.ts";
import { ColumnReader } from "../../chunk/column.ts";
import type { InputList } from "../../chunk/input-list.ts";
import { applyEach, batchesOf, listOf } from "./bag-apply.ts";
import { KeyTable } from "./bag-key-table.ts";
import { packetsOf } from "./bag-packets.ts";

/** Which side of a join is held as a table. The other one streams past it. */
type BuildSide = "self" | "other";

/** Records of one side by key, in the order they came. */
class JoinTable {
  readonly build: BuildSide;
  readonly #keys = new KeyTable();
  readonly #records: unknown[] = [];
  /** By the number of a key, its first and its last record; by the number of a record, the next one with its key. */
  readonly #first: number[] = [];
  readonly #last: number[] = [];
  readonly #next: number[] = [];

  constructor(build: BuildSide) {
    this.build = build;
  }

  get empty(): boolean {
    return this.#records.length === 0;
  }

  addAll({ keys, records }: KeyedRecords): void {
    for (let i = 0; i < records.length; i++) {
      const number = this.#keys.add(keys.next());
      const at = this.#records.length;
      this.#records.push(records[i]);
      this.#next.push(-1);
      if (number === this.#first.length) this.#first.push(at);
      else this.#next[this.#last[number] ?? -1] = at;
      this.#last[number] = at;
    }
  }

  /** Where the first record with this key is, -1 if there is none. */
  first(key: unknown): number {
    return this.#first[this.#keys.find(key)] ?? -1;
  }

  /** Where the next one with the same key is, -1 behind the last. */
  next(at: number): number {
    return this.#next[at] ?? -1;
  }

  record(at: number): unknown {
    return this.#records[at];
  }
}

/** Records with their keys. */
interface KeyedRecords {
  readonly keys: ColumnReader;
  readonly records: readonly unknown[];
}

/** The pairs `[self, other]` of records of the side that streams with those of a table, in batches of the usual size. */
function* pairsOf(
  table: JoinTable,
  { keys, records }: KeyedRecords,
): Generator<readonly unknown[]> {
  const isSelf = table.build === "self";
  let pairs: unknown[] = [];
  for (let i = 0; i < records.length; i++) {
    const record = records[i];
    // A key may have many: no more than a batch of pairs is held.
    for (let at = table.first(keys.next()); at >= 0; at = table.next(at)) {
      const built = table.record(at);
      pairs.push(isSelf ? [built, record] : [record, built]);
      if (pairs.length < batchRecords) continue;
      yield pairs;
      pairs = [];
    }
  }
  if (pairs.length > 0) yield pairs;
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
  return new Batches(pairs);
};

async function* joinInPasses(
  { build, tableBytesMax }: { readonly build: BuildSide; readonly tableBytesMax: number },
  tablePieces: InputList<Piece>,
  streamPieces: InputList<Piece>,
): AsyncGenerator<readonly unknown[]> {
  let table = new JoinTable(build);
  let tableBytes = 0;
  for await (const packet of packetsOf(tablePieces)) {
    if (tableBytes + packet.bytes > tableBytesMax && !table.empty) {
      for await (const streaming of packetsOf(streamPieces)) yield* pairsOf(table, streaming);
      table = new JoinTable(build);
      tableBytes = 0;
    }
    tableBytes += packet.bytes;
    table.addAll(packet);
  }
  if (table.empty) return;
  for await (const streaming of packetsOf(streamPieces)) yield* pairsOf(table, streaming);
}

/**
 * `bag.join-broadcast`: joins a part of the large side (argument 0) with every part of the small one (argument 1),
 * which is the side `params.build`. Functions: key of self, key of other.
 */
export const joinBroadcast: Kernel = async (call) => {
  const { build } = call.params as { readonly build: BuildSide };
  const [onSelf, onOther] = call.functions;
  const keys = {
    self: present(onSelf, "a key function"),
    other: present(onOther, "a key function"),
  };
  const table = new JoinTable(build);
  for await (const part of listOf<Batches>(call.arguments[1])) {
    await part.visit((batch) =>
      chain(withKeys(batch, keys[build]), (records) => table.addAll(records)),
    );
  }
  const keyOf = keys[build === "self" ? "other" : "self"];
  return batchesOf(call.arguments[0]).flatMap((batch) =>
    chain(withKeys(batch, keyOf), (records) => pairsOf(table, records)),
  );
};

function withKeys(records: readonly unknown[], keyOf: UserFunction): MaybePromise<KeyedRecords> {
  return chain(applyEach(keyOf, records), (keys) => ({ keys: ColumnReader.of(keys), records }));
}
