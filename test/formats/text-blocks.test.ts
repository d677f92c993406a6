import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Delimiter } from "../../src/formats/delimiter.ts";
import type { TextChunk } from "../../src/formats/record-cutter.ts";
import {
  blockCount,
  chunksOfBlock,
  chunksOfText,
  type ReadRange,
} from "../../src/formats/text-blocks.ts";
import { textEncoding } from "../../src/formats/text-encoding.ts";
import { TextForm, type TextFormat } from "../../src/formats/text-form.ts";

/** A reader over `bytes` that gives pieces of at most `pieceBytes` and uses its buffer again. */
function reader(bytes: Uint8Array, pieceBytes: number): ReadRange {
  return async function* (start, end) {
    const buffer = new Uint8Array(pieceBytes);
    for (let at = start; at < Math.min(end, bytes.length); at += pieceBytes) {
      const piece = bytes.subarray(at, Math.min(at + pieceBytes, end));
      buffer.set(piece);
      yield buffer.subarray(0, piece.length);
    }
  };
}

/** How a text is read: in blocks of so many bytes, in pieces of so many. */
interface Cut {
  readonly blockBytes: number;
  readonly pieceBytes: number;
}

async function recordsByBlocks(
  bytes: Uint8Array,
  format: TextFormat,
  { blockBytes, pieceBytes }: Cut,
): Promise<string[]> {
  const form = new TextForm(format);
  const read = reader(bytes, pieceBytes);
  const records: string[] = [];
  for (let block = 0; block < blockCount(bytes.length, blockBytes); block++) {
    const start = block * blockBytes;
    const end = Math.min(start + blockBytes, bytes.length);
    const range = { start, end, fileBytes: bytes.length };
    for await (const chunk of chunksOfBlock(range, form.delimiter, read)) {
      const some = form.records(chunk);
      for (const i of some.keys()) {
        const at = form.startOf(chunk, i);
        expect(at >= start && at < end, `a record of byte ${at} in [${start}, ${end})`).toBe(true);
      }
      records.push(...some);
    }
  }
  return records;
}

/** What `split` on the whole text gives; a last delimiter ends the last record. */
function expectedRecords(bytes: Uint8Array, { encoding, delimiter }: TextFormat): string[] {
  const text = new TextDecoder(encoding).decode(bytes);
  const records = text.split(delimiter ?? "\n");
  if (records.at(-1) === "") records.pop();
  if (delimiter !== undefined) return records;
  return records.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
}

/** Encodes for tests: what no table of the platform does is done here by hand. */
function encode(text: string, encoding: string): Uint8Array {
  if (encoding === "utf-8") return new TextEncoder().encode(text);
  if (encoding === "latin1") return Buffer.from(text, "latin1");
  const bytes = new Uint8Array(2 * text.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) {
    view.setUint16(2 * i, text.charCodeAt(i), encoding === "utf-16le");
  }
  return bytes;
}

const texts: Readonly<Record<string, string>> = {
  empty: "",
  "one newline": "\n",
  "no newline at the end": "a\nbc\ndef",
  "newline at the end": "a\nbc\ndef\n",
  "empty lines": "\n\na\n\n\nb\n\n",
  CRLF: "one\r\ntwo\r\n\r\nthree",
  "carriage returns inside a line stay": "a\rb\r\nc\r",
  "characters of two, three and four bytes": "äöü\n漢字かな\n😀😀\r\nß\n",
  "newline bytes inside other characters": "\u0a0a\u0a00\n\u000a\u010a\n",
  "a long line among short ones": `a\n${"x".repeat(100)}\nb\n`,
  "a mark at the start": "\ufeffa\n\ufeffb\n",
  "nothing but a mark": "\ufeff",
  "a mark and an empty line": "\ufeff\n",
};

describe("lines by blocks", () => {
  for (const encoding of ["utf-8", "utf-16le", "utf-16be"]) {
    test.each(Object.entries(texts))(
      `%s, in ${encoding}: every block size from 1 byte up gives the unsplit lines`,
      async (_name, text) => {
        const bytes = encode(text, encoding);
        for (let blockBytes = 1; blockBytes <= bytes.length + 1; blockBytes++) {
          for (const pieceBytes of [1, 3, 1000]) {
            const lines = await recordsByBlocks(bytes, { encoding }, { blockBytes, pieceBytes });
            expect(lines, `blocks of ${blockBytes}, pieces of ${pieceBytes}`).toEqual(
              expectedRecords(bytes, { encoding }),
            );
          }
        }
      },
    );
  }
});

/** Few characters, so that delimiters are found, and found inside one another. */
const characters: Readonly<Record<string, readonly string[]>> = {
  "utf-8": ["a", "b", "\n", "\r\n", "é", "字", "😀", "\ufeff"],
  "utf-16le": ["a", "b", "\n", "\r\n", "\u0a00", "\u6161", "😀", "\ufeff"],
  "utf-16be": ["a", "b", "\n", "\r\n", "\u0a00", "\u6161", "😀", "\ufeff"],
  latin1: ["a", "b", "\n", "\r\n", "é", "\u00ff"],
};

const delimiters = ["\n", "\r\n", "a", "aa", "aaa", "aab", "aba", "ab", "é", "éé", "abab"];

describe("any text, split anywhere, equals the unsplit one", () => {
  for (const [encoding, some] of Object.entries(characters)) {
    test(`in ${encoding}, with any delimiter and bytes that are no character`, async () => {
      const bytes = fc.array(
        fc.oneof(
          { weight: 12, arbitrary: fc.constantFrom(...some).map((text) => encode(text, encoding)) },
          { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 2 }) },
        ),
        { maxLength: 40 },
      );
      const property = fc.asyncProperty(
        bytes.map((parts) => new Uint8Array(Buffer.concat(parts))),
        fc.constantFrom(undefined, ...delimiters),
        fc.record({
          blockBytes: fc.integer({ min: 2, max: 30 }),
          pieceBytes: fc.integer({ min: 1, max: 30 }),
        }),
        async (text, delimiter, cut) => {
          const format = { encoding, ...(delimiter === undefined ? {} : { delimiter }) };
          expect(await recordsByBlocks(text, format, cut)).toEqual(expectedRecords(text, format));
        },
      );
      await fc.assert(property, { numRuns: 1500 });
    });
  }

  test("where delimiters overlap, in pieces of one byte of one buffer", async () => {
    const bytes = encode("bbbbbééééébb", "utf-8");
    const format = { encoding: "utf-8", delimiter: "éé" };
    for (const blockBytes of [2, 3, 5]) {
      const records = await recordsByBlocks(bytes, format, { blockBytes, pieceBytes: 1 });
      expect(records).toEqual(["bbbbb", "", "ébb"]);
    }
  });

  test("where delimiters overlap for longer than is looked back at first", async () => {
    for (const length of [9_000, 9_001, 9_002]) {
      const bytes = encode(`b${"a".repeat(length)}bb`, "utf-8");
      const format = { encoding: "utf-8", delimiter: "aaa" };
      const records = await recordsByBlocks(bytes, format, { blockBytes: 2_500, pieceBytes: 997 });
      expect(records).toEqual(expectedRecords(bytes, format));
    }
  });
});

describe("a block", () => {
  /** What of a file is read for a block of it. */
  async function readFor(
    bytes: Uint8Array,
    start: number,
    end: number,
  ): Promise<[number, number][]> {
    const ranges: [number, number][] = [];
    const read: ReadRange = (from, to) => {
      ranges.push([from, to]);
      return reader(bytes, 1000)(from, to);
    };
    const { delimiter } = new TextForm({ encoding: "utf-8" });
    const chunks: TextChunk[] = [];
    for await (const chunk of chunksOfBlock(
      { start, end, fileBytes: bytes.length },
      delimiter,
      read,
    ))
      chunks.push(chunk);
    return ranges;
  }

  test("reads nothing behind it if its last record ends with it", async () => {
    expect(await readFor(encode("ab\ncd\n", "utf-8"), 0, 3)).toEqual([[0, 3]]);
  });

  test("in the middle of a record reads nothing behind it", async () => {
    expect(await readFor(encode(`${"x".repeat(30)}\n`, "utf-8"), 10, 20)).toEqual([[9, 20]]);
  });
});

test("delimiters know whether they overlap, also as characters of two bytes", () => {
  const overlaps = (text: string, encoding: string): boolean =>
    new Delimiter(encode(text, encoding), { unit: encoding === "utf-8" ? 1 : 2 }).overlaps;
  expect(["aa", "aba", "abab"].map((text) => overlaps(text, "utf-8"))).toEqual([true, true, true]);
  expect(["a", "ab", "aab", "\r\n"].map((text) => overlaps(text, "utf-8"))).toEqual([
    false,
    false,
    false,
    false,
  ]);
  // Its first byte is its last one too, but no character starts there.
  expect(overlaps("\u6161", "utf-16le")).toBe(false);
  expect(overlaps("aa", "utf-16le")).toBe(true);
});

test("a text of an encoding whose characters cannot be told apart is read as a whole", async () => {
  const bytes = Uint8Array.of(0x83, 0x5c, 0x0a, 0x82, 0xa0, 0x81, 0x41, 0x82, 0xa2); // ソ, newline, あ、い
  const read = async (delimiter?: string): Promise<string[]> => {
    const encoding = textEncoding("shift_jis");
    if (encoding === undefined) throw new Error("no Shift JIS");
    expect(encoding.splits).toBe(false);
    const { toUtf8 } = await import("../../src/formats/text-encoding.ts");
    const form = new TextForm({ encoding: "shift_jis", ...(delimiter ? { delimiter } : {}) });
    const chunks = await Array.fromAsync(
      chunksOfText(toUtf8(reader(bytes, 1)(0, bytes.length), encoding), form.delimiter),
    );
    return chunks.flatMap((chunk) => form.records(chunk));
  };
  expect(await read()).toEqual(["ソ", "あ、い"]);
  expect(await read("、")).toEqual(["ソ\nあ", "い"]);
});
