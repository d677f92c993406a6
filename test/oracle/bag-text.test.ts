import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { readJsonLines, readText } from "../../src/bag.ts";
import { partsOf, recordsOf } from "./run-bag.ts";

const folder = mkdtempSync(path.join(tmpdir(), "lambdask-text-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const full = path.join(folder, name);
  writeFileSync(full, content);
  return full;
}

const texts = {
  "LF, no end": "één\nzwei\n\n漢字\n😀 last",
  CRLF: "one\r\ntwo 😀\r\n\r\nthree\r\n",
  empty: "",
};

describe("readText", () => {
  for (const [name, text] of Object.entries(texts)) {
    test(`${name}: every block size from 2 bytes up`, async () => {
      const full = file(`${name}.txt`, text);
      const lines = text.split(/\r?\n/);
      if (lines.at(-1) === "") lines.pop();
      for (let blockBytes = 2; blockBytes <= Buffer.byteLength(text) + 2; blockBytes++) {
        const bag = readText(full, { blockBytes });
        expect(bag.partitions).toBe(Math.max(1, Math.ceil(Buffer.byteLength(text) / blockBytes)));
        expect(await recordsOf(bag), `blocks of ${blockBytes}`).toEqual(lines);
      }
    });
  }

  test("any delimiter, taken as it is", async () => {
    const full = file("delimited.txt", "a;;b\r\n;;;c;;");
    for (const blockBytes of [2, 3, 5, 100]) {
      const parted = readText(full, { delimiter: ";;", blockBytes });
      expect(await recordsOf(parted)).toEqual(["a", "b\r\n", ";c"]);
      expect(await recordsOf(readText(full, { delimiter: "\n", blockBytes }))).toEqual([
        "a;;b\r",
        ";;;c;;",
      ]);
      expect(await recordsOf(readText(full, { delimiter: "\r\n", blockBytes }))).toEqual([
        "a;;b",
        ";;;c;;",
      ]);
    }
  });

  test("encodings by block, those that cannot be read by block as a whole, and their marks", async () => {
    const text = "één\nzwei\r\nžluťoučký\n";
    const wide = Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(text, "utf16le")]);
    const lines = ["één", "zwei", "žluťoučký"];
    for (const encoding of ["utf-16le", "utf16le", "UTF-16"]) {
      const bag = readText(file("wide.txt", wide), { encoding, blockBytes: 3 });
      expect(bag.partitions).toBe(Math.ceil(wide.length / 3));
      expect(await recordsOf(bag)).toEqual(lines);
    }
    const swapped = readText(file("swapped.txt", wide.swap16()), { encoding: "utf-16be" });
    expect(await recordsOf(swapped)).toEqual(lines);
    const marked = readText(file("marked.txt", `\ufeff${text}`), { blockBytes: 2 });
    expect(await recordsOf(marked)).toEqual(lines);
    // As the Encoding Standard has it: byte 80 of "latin1" is the euro sign.
    const latin = readText(file("latin.txt", Buffer.of(0xe9, 0x0a, 0x80, 0x0a)), {
      encoding: "latin1",
      blockBytes: 2,
    });
    expect(await recordsOf(latin)).toEqual(["é", "€"]);
    const japanese = file("japanese.txt", Buffer.of(0x83, 0x5c, 0x0a, 0x82, 0xa0));
    const whole = readText(japanese, { encoding: "shift_jis", blockBytes: 2 });
    expect(whole.partitions).toBe(1);
    expect(await recordsOf(whole)).toEqual(["ソ", "あ"]);
    const cut = readText(japanese, { encoding: "shift_jis", delimiter: "ソ\n" });
    expect(await recordsOf(cut)).toEqual(["", "あ"]);
  });

  test.each([
    ["gz", gzipSync],
    ["zst", zstdCompressSync],
  ])("%s by name, several members, one part however small the blocks", async (suffix, pack) => {
    const bytes = Buffer.concat([pack(Buffer.from("a\nb")), pack(Buffer.from("c\nd\n"))]);
    const bag = readText(file(`two.txt.${suffix}`, bytes), { blockBytes: 2 });
    expect(bag.partitions).toBe(1);
    expect(await recordsOf(bag)).toEqual(["a", "bc", "d"]);
    const wide = pack(Buffer.from("é;ü", "utf16le"));
    const other = { encoding: "utf-16le", delimiter: ";" };
    const packedWide = readText(file(`wide.${suffix}`, wide), other);
    expect(await recordsOf(packedWide)).toEqual(["é", "ü"]);
  });

  test("packed as said, whatever the name", async () => {
    const packed = readText(file("packed.log", gzipSync("a\nb\n")), { compression: "gzip" });
    expect(await recordsOf(packed)).toEqual(["a", "b"]);
    const plain = readText(file("plain.gz", "a\nb\n"), { compression: "none", blockBytes: 2 });
    expect(plain.partitions).toBe(2);
    expect(await recordsOf(plain)).toEqual(["a", "b"]);
  });

  test("globs in order of path, several patterns, URLs, names with odd characters", async () => {
    for (const name of ["g-2.log", "g-10.log", "g-1.log"]) file(name, `${name}\n`);
    const odd = file("odd [1] %20.log", "odd\n");
    const pattern = path.join(folder, "g-*.log");
    expect(await recordsOf(readText([pattern, odd]))).toEqual([
      "g-1.log",
      "g-10.log",
      "g-2.log",
      "odd",
    ]);
    expect(await recordsOf(readText(pathToFileURL(odd)))).toEqual(["odd"]);
  });

  test("several files in one part, with the path of each", async () => {
    const paths = [0, 1, 2, 3, 4].map((n) => file(`few-${n}.txt`, `${n}a\n${n}b`));
    const bag = readText(path.join(folder, "few-*.txt"), {
      filesPerPartition: 2,
      includePath: true,
    });
    expect(bag.partitions).toBe(3);
    const pairs = paths.map((full, n) => [
      [`${n}a`, full],
      [`${n}b`, full],
    ]);
    expect(await partsOf(bag)).toEqual(
      [pairs.slice(0, 2), pairs.slice(2, 4), pairs.slice(4)].map((part) => part.flat()),
    );
    const blocks = readText(paths, { blockBytes: 3, includePath: true });
    expect(await recordsOf(blocks)).toEqual(pairs.flat());
  });
});

describe("readJsonLines", () => {
  const records = [
    { a: 1, b: [true, null, "é\n"] },
    "text",
    7,
    null,
    [],
    { __proto__: null, c: {} },
  ];
  const lines = records.map((record) => JSON.stringify(record));

  test("every block size from 2 bytes up, whatever ends lines, empty lines left out", async () => {
    for (const end of ["\n", "\r\n", "\n\n \n"]) {
      const text = lines.map((line) => line + end).join("");
      const full = file("some.jsonl", text);
      for (let blockBytes = 2; blockBytes <= Buffer.byteLength(text) + 2; blockBytes += 3) {
        expect(await recordsOf(readJsonLines(full, { blockBytes }))).toEqual(
          lines.map((line) => JSON.parse(line) as unknown),
        );
      }
    }
  });

  test("packed, in another encoding, with paths", async () => {
    const full = file("wide.jsonl.zst", zstdCompressSync(Buffer.from(lines.join("\n"), "utf16le")));
    const bag = readJsonLines(full, { encoding: "utf-16le", includePath: true });
    expect(await recordsOf(bag)).toEqual(lines.map((line) => [JSON.parse(line), full]));
  });

  test("a line that is no JSON is an error that says where and how it starts, or is left out", async () => {
    const full = file("bad.jsonl", `1\n\n{"a": ${"x".repeat(100)}}\n2\n`);
    await expect(recordsOf(readJsonLines(full))).rejects.toMatchObject({
      code: "SOURCE",
      message: expect.stringContaining(
        `bad.jsonl: line 3 is no JSON: "{\\"a\\": ${"x".repeat(54)}…" (Unexpected token 'x')`,
      ) as unknown,
      fix: expect.stringContaining('onBadLine: "skip"') as unknown,
    });
    await expect(recordsOf(readJsonLines(full, { blockBytes: 3 }))).rejects.toThrow(
      "bad.jsonl: the line at byte 3 is no JSON",
    );
    for (const blockBytes of [3, 1000]) {
      expect(await recordsOf(readJsonLines(full, { blockBytes, onBadLine: "skip" }))).toEqual([
        1, 2,
      ]);
    }
  });
});
