import { deserialize, serialize } from "node:v8";
import { crc32 } from "node:zlib";
import type { OutputSummary, PartSummary } from "../backend/task.ts";
import { type ContentName, parseContentName } from "../base/ids.ts";

/** One finished task, as the journal keeps it. */
export interface JournalEntry {
  readonly index: number;
  readonly output: OutputSummary;
  readonly lazy: boolean;
}

/** The finished tasks of one reply. */
export interface JournalRecord {
  /** Stored name of the stage. */
  readonly name: ContentName;
  readonly entries: readonly JournalEntry[];
}

/** Before each record: its length and checksum. */
const headBytes = 8;
const nameBytes = 16;
/** Per task: index, inline length, checksum (4 each), bytes, rows (8 each), flags. */
const entryBytes = 29;
const isInline = 1;
const isLazy = 2;

/**
 * One record: `length crc32 | name count extrasLength | columns | inline bytes | extras`. Extras are the statistics and
 * parts, which few tasks have. A million records are read in one go, so everything else is columnar.
 */
export function encodeReply({ name, entries }: JournalRecord): Uint8Array {
  const extras: [position: number, parts: unknown, statistics: unknown][] = [];
  let inlineLength = 0;
  for (let at = 0; at < entries.length; at++) {
    const output = entries[at]?.output;
    inlineLength += output?.inline?.byteLength ?? 0;
    if (output?.parts !== undefined || output?.statistics !== undefined) {
      extras.push([at, output.parts, output.statistics]);
    }
  }
  const extra = extras.length === 0 ? new Uint8Array(0) : serialize(extras);
  const count = entries.length;
  const body = nameBytes + 8 + count * entryBytes + inlineLength + extra.byteLength;
  // Every byte of it is written below. A small one is a piece of Node's pool, and not for the collector to count.
  const record = Buffer.allocUnsafe(headBytes + body);
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  view.setUint32(0, body, true);
  record.write(name, headBytes, "hex");
  view.setUint32(headBytes + nameBytes, count, true);
  view.setUint32(headBytes + nameBytes + 4, extra.byteLength, true);
  let place = headBytes + nameBytes + 8;
  let inlinePlace = place + count * entryBytes;
  for (const { index, output, lazy } of entries) {
    const { inline } = output;
    view.setUint32(place, index, true);
    view.setUint32(place + 4, inline?.byteLength ?? 0, true);
    view.setUint32(place + 8, output.checksum, true);
    view.setFloat64(place + 12, output.bytes, true);
    view.setFloat64(place + 20, output.rows, true);
    record[place + 28] = (inline === undefined ? 0 : isInline) | (lazy ? isLazy : 0);
    place += entryBytes;
    if (inline === undefined) continue;
    record.set(inline, inlinePlace);
    inlinePlace += inline.byteLength;
  }
  record.set(extra, inlinePlace);
  view.setUint32(4, crc32(record.subarray(headBytes)), true);
  return record;
}

/** The records of a journal, up to where it is torn or damaged: what comes after was not used by anybody. */
export function readJournal(bytes: Uint8Array): JournalRecord[] {
  const records: JournalRecord[] = [];
  forEachBody(bytes, (body) => records.push(decodeBody(body)));
  return records;
}

/** How many bytes of a journal are whole records. */
export function validBytes(bytes: Uint8Array): number {
  return forEachBody(bytes, () => undefined);
}

function forEachBody(bytes: Uint8Array, visit: (body: Uint8Array) => void): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + headBytes <= bytes.byteLength) {
    const length = view.getUint32(at, true);
    const end = at + headBytes + length;
    if (end > bytes.byteLength || length < nameBytes + 8) break;
    const body = bytes.subarray(at + headBytes, end);
    if (crc32(body) !== view.getUint32(at + 4, true)) break;
    visit(body);
    at = end;
  }
  return at;
}

function decodeBody(body: Uint8Array): JournalRecord {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const name = parseContentName(Buffer.from(body.subarray(0, nameBytes)).toString("hex"));
  const count = view.getUint32(nameBytes, true);
  const extraLength = view.getUint32(nameBytes + 4, true);
  const extras = decodeExtras(body.subarray(body.byteLength - extraLength));
  const entries: JournalEntry[] = [];
  let place = nameBytes + 8;
  let inlinePlace = place + count * entryBytes;
  for (let at = 0; at < count; at++) {
    const flags = body[place + 28] ?? 0;
    const inlineLength = view.getUint32(place + 4, true);
    const inline = body.subarray(inlinePlace, inlinePlace + inlineLength);
    const output = {
      bytes: view.getFloat64(place + 12, true),
      rows: view.getFloat64(place + 20, true),
      checksum: view.getUint32(place + 8, true),
      ...((flags & isInline) === 0 ? {} : { inline }),
      ...extras.get(at),
    };
    entries.push({ index: view.getUint32(place, true), output, lazy: (flags & isLazy) !== 0 });
    place += entryBytes;
    inlinePlace += inlineLength;
  }
  return { name, entries };
}

type Extras = Pick<OutputSummary, "parts" | "statistics">;

function decodeExtras(bytes: Uint8Array): Map<number, Extras> {
  if (bytes.byteLength === 0) return new Map();
  // The checksum has shown that this is what `encodeReply` wrote.
  const list = deserialize(bytes) as [number, readonly PartSummary[] | undefined, unknown][];
  return new Map(
    list.map(([at, parts, statistics]) => [
      at,
      {
        ...(parts === undefined ? {} : { parts }),
        ...(statistics === undefined ? {} : { statistics }),
      },
    ]),
  );
}
