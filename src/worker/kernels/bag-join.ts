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
  readonly build: BuildSide;

  constructor(build: BuildSide) {
    this.build = build;
  }

  get empty(): boolean {
    return this.#records.length === 0;
  }

  add(key: unknown, record: unknown): void {
    const number = this.#keys.add(key);
    if (number === this.#records.length) this.#records.push([record]);
    else this.#records[number]?.push(record);
  }

  /** The records with this key. */
  find(key: unknown): readonly unknown[] | undefined {
    return this.#records[this.#keys.find(key)];
  }
}

/** Records of the side that streams, with their keys. */
interface KeyedRecords {
  readonly keys: Iterable<unknown>;
  readonly records: readonly unknown[];
}

/** The pairs `[self, other]` of the records of a table with those of the side that streams, in batches of the usual size. */
async function* pairsOf(
  table: JoinTable,
  streaming: AsyncIterable<KeyedRecords>,
): AsyncGenerator<readonly unknown[]> {
  const isSelf = table.build === "self";
  let pairs: unknown[] = [];
  for await (const { keys, records } of streaming) {
    let i = 0;
    for (const key of keys) {
      const record = records[i++];
      // A key may have many: no more than a batch of pairs is held.
      for (const built of table.find(key) ?? none) {
        pairs.push(isSelf ? [built, record] : [record, built]);
        if (pairs.length < batchRecords) continue;
        yield pairs;
        pairs = [];
      }
    }
  }
  if (pairs.length > 0) yield pairs;
}

const none: readonly unknown[] = [];

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
      yield* pairsOf(table, packetsOf(streamPieces));
      table = new JoinTable(build);
      tableBytes = 0;
    }
    tableBytes += packet.bytes;
    let i = 0;
    for (const key of packet.keys) table.add(key, packet.records[i++]);
  }
  if (!table.empty) yield* pairsOf(table, packetsOf(streamPieces));
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
  return new Batches(joinSmall({ build, keys }, large, small));
};

async function* joinSmall(
  join: { readonly build: BuildSide; readonly keys: Readonly<Record<BuildSide, UserFunction>> },
  large: Batches,
  small: InputList<Batches>,
): AsyncGenerator<readonly unknown[]> {
  const table = new JoinTable(join.build);
  for await (const part of small) {
    for await (const batch of part) {
      const keys = await applyEach(join.keys[join.build], batch);
      for (const [i, key] of keys.entries()) table.add(key, batch[i]);
    }
  }
  const keyOf = join.keys[join.build === "self" ? "other" : "self"];
  yield* pairsOf(table, keyed(large, keyOf));
}

async function* keyed(batches: Batches, keyOf: UserFunction): AsyncGenerator<KeyedRecords> {
  for await (const records of batches) yield { keys: await applyEach(keyOf, records), records };
}
