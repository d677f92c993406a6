import { describe, expect, test } from "vitest";
import { nameOf } from "../../src/base/content-name.ts";
import {
  encodeReply,
  type JournalRecord,
  readJournal,
  validBytes,
} from "../../src/schedule/journal.ts";

const records: readonly JournalRecord[] = [
  {
    name: nameOf("one"),
    entries: [
      {
        index: 5,
        lazy: false,
        output: { bytes: 3, rows: 2, checksum: 4_000_000_000, inline: Uint8Array.of(1, 2, 3) },
      },
      {
        index: 0,
        lazy: true,
        output: { bytes: 0, rows: 0, checksum: 0, inline: new Uint8Array(0) },
      },
      { index: 4_000_000, lazy: false, output: { bytes: 2 ** 40, rows: 2 ** 35, checksum: 7 } },
    ],
  },
  { name: nameOf("two"), entries: [] },
  {
    name: nameOf("three"),
    entries: [
      {
        index: 1,
        lazy: false,
        output: {
          bytes: 9,
          rows: 1,
          checksum: 1,
          parts: [{ offset: 0, length: 4, checksum: 2, rows: 1 }],
          statistics: { least: 3n, when: new Date(0), keys: new Map([["a", [1, undefined]]]) },
        },
      },
    ],
  },
];

const bytes = new Uint8Array(Buffer.concat(records.map(encodeReply)));

describe("a journal", () => {
  test("gives back what was written, statistics of any kind included", () => {
    expect(readJournal(bytes)).toEqual(records);
    expect(validBytes(bytes)).toBe(bytes.length);
  });

  test("that ends anywhere gives its whole records", () => {
    const ends = records.map((_, at) =>
      records.slice(0, at + 1).reduce((sum, record) => sum + encodeReply(record).length, 0),
    );
    for (let length = 0; length <= bytes.length; length++) {
      const whole = ends.filter((end) => end <= length).length;
      expect(readJournal(bytes.subarray(0, length))).toEqual(records.slice(0, whole));
      expect(validBytes(bytes.subarray(0, length))).toBe(whole === 0 ? 0 : ends[whole - 1]);
    }
  });

  test("with a changed byte ends before it", () => {
    const first = encodeReply(records[0] ?? { name: nameOf(0), entries: [] }).length;
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x40;
      const read = readJournal(changed);
      expect(read).toEqual(records.slice(0, read.length));
      if (at < first) expect(read).toEqual([]);
    }
  });
});
