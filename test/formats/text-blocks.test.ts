import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/base/seeded-random.ts";
import { blockCount, linesOfBlock, type ReadRange } from "../../src/formats/text-blocks.ts";

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

async function linesByBlocks(
  bytes: Uint8Array,
  blockBytes: number,
  pieceBytes: number,
): Promise<string[]> {
  const lines: string[] = [];
  const read = reader(bytes, pieceBytes);
  for (let block = 0; block < blockCount(bytes.length, blockBytes); block++) {
    const start = block * blockBytes;
    const end = Math.min(start + blockBytes, bytes.length);
    for await (const batch of linesOfBlock({ start, end, fileBytes: bytes.length }, read)) {
      expect(batch.length).toBeLessThanOrEqual(512);
      lines.push(...batch);
    }
  }
  return lines;
}

const texts: Readonly<Record<string, string>> = {
  empty: "",
  "one newline": "\n",
  "no newline at the end": "a\nbc\ndef",
  "newline at the end": "a\nbc\ndef\n",
  "empty lines": "\n\na\n\n\nb\n\n",
  CRLF: "one\r\ntwo\r\n\r\nthree",
  "carriage returns inside a line stay": "a\rb\r\nc\r",
  "UTF-8 of two, three and four bytes": "äöü\n漢字かな\n😀😀\r\nß\n",
  "a long line among short ones": `a\n${"x".repeat(300)}\nb\n`,
};

/** What `split` on the whole text gives. */
function expectedLines(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
}

describe("lines by blocks", () => {
  for (const [name, text] of Object.entries(texts)) {
    test(`${name}: every block size from 1 byte up gives the unsplit lines`, async () => {
      const bytes = new TextEncoder().encode(text);
      for (let blockBytes = 1; blockBytes <= bytes.length + 1; blockBytes++) {
        for (const pieceBytes of [1, 3, 1000]) {
          const lines = await linesByBlocks(bytes, blockBytes, pieceBytes);
          expect(lines, `blocks of ${blockBytes}, pieces of ${pieceBytes}`).toEqual(
            expectedLines(text),
          );
        }
      }
    });
  }

  test("random texts, random block sizes", async () => {
    const seed = 20261124;
    const random = seededRandom(seed);
    const alphabet = ["\n", "\r\n", "a", "é", "字", "😀", " "];
    for (let round = 0; round < 300; round++) {
      let text = "";
      const length = random.below(60);
      for (let i = 0; i < length; i++) text += alphabet[random.below(alphabet.length)];
      const bytes = new TextEncoder().encode(text);
      const blockBytes = 1 + random.below(20);
      const lines = await linesByBlocks(bytes, blockBytes, 1 + random.below(30));
      expect(lines, `seed ${seed}, round ${round}: ${JSON.stringify(text)}`).toEqual(
        expectedLines(text),
      );
    }
  });
});
