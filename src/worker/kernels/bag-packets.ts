import { Batches, batchRecords } from "../../chunk/batches.ts";
import { type Column, ColumnReader, columnOf } from "../../chunk/column.ts";
import type { InputList } from "../../chunk/input-list.ts";
import { type RecordColumn, recordColumn, rowsOf } from "../../chunk/record-column.ts";
import { decodeValue, encodeValue } from "../../chunk/value-codec.ts";

/** Some records of one part of an exchange, with their keys. */
interface Packet {
  readonly keys: Column;
  readonly records: RecordColumn;
}

/** Records of all parts that are held as objects before they are encoded. */
const openRecordsMax = 8192;
/** Fewer records take less as they are than field by field, and many parts of few would need code for every set of fields. */
const fieldRecordsMin = 8;

/**
 * The records of an exchange producer, sorted into parts. They are encoded as they come: what is held is their bytes,
 * several times smaller than the objects, and no part ever exists as objects.
 */
export class PacketWriter {
  readonly #open: { keys: unknown[]; records: unknown[] }[];
  readonly #packets: Uint8Array[][];
  #openRecords = 0;

  constructor(parts: number) {
    this.#open = Array.from({ length: parts }, () => ({ keys: [], records: [] }));
    this.#packets = Array.from({ length: parts }, () => []);
  }

  add(part: number, key: unknown, record: unknown): void {
    const open = this.#open[part];
    if (open === undefined) return;
    open.keys.push(key);
    open.records.push(record);
    this.#openRecords++;
    if (open.records.length === batchRecords) this.#close(part);
    if (this.#openRecords >= openRecordsMax) this.#closeAll();
  }

  /** Each part's packets, in order of part; dropped once handed over. */
  *pieces(): Generator<Batches<Uint8Array> | undefined> {
    this.#closeAll();
    for (let part = 0; part < this.#packets.length; part++) {
      const packets = this.#packets[part] ?? [];
      this.#packets[part] = [];
      yield packets.length === 0 ? undefined : new Batches(packets.map((packet) => [packet]));
    }
  }

  #closeAll(): void {
    for (let part = 0; part < this.#open.length; part++) this.#close(part);
  }

  #close(part: number): void {
    const open = this.#open[part];
    if (open === undefined || open.records.length === 0) return;
    this.#packets[part]?.push(encodePacket(open));
    this.#openRecords -= open.records.length;
    this.#open[part] = { keys: [], records: [] };
  }
}

function encodePacket(open: {
  readonly keys: readonly unknown[];
  readonly records: readonly unknown[];
}): Uint8Array {
  const keys = columnOf(open.keys);
  try {
    const { records } = open;
    const isFew = records.length < fieldRecordsMin;
    const column: RecordColumn = isFew ? { kind: "rows", rows: records } : recordColumn(records);
    return encodeValue({ keys, records: column } satisfies Packet);
  } catch (error) {
    // What is no data is told by its place in a record, not in a column.
    encodeValue(open.records, "records");
    throw error;
  }
}

/** One packet as it was read. */
export interface ReadPacket {
  /** Its encoded size. */
  readonly bytes: number;
  readonly keys: ColumnReader;
  readonly records: readonly unknown[];
}

/** The packets of one part, producer by producer. */
export async function* packetsOf(
  pieces: InputList<Batches<Uint8Array> | undefined>,
): AsyncGenerator<ReadPacket> {
  for await (const piece of pieces) {
    if (piece === undefined) continue;
    for await (const batch of piece) {
      for (const bytes of batch) {
        const packet = decodeValue(bytes) as Packet;
        const records = rowsOf(packet.records, "cut");
        yield { bytes: bytes.length, keys: new ColumnReader(packet.keys), records };
      }
    }
  }
}
