import { readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { fromSequence, readJsonLines, readText } from "../../../src/bag.ts";
import { errorOf, sharedClient, temporaryFolder } from "../../client/support.ts";

sharedClient({ inline: true });
const folder = temporaryFolder();
const at = (name: string): string => path.join(folder.path, name);

/** `text` as UTF-16, the lower byte first or last. */
function utf16(text: string, isLittle: boolean): Buffer {
  const bytes = Buffer.from(text, "utf16le");
  return isLittle ? bytes : bytes.swap16();
}

// Bytes from the tables of the encodings.
const written: readonly (readonly [string, readonly string[], Buffer])[] = [
  ["utf-8", ["é€", "漢😀"], Buffer.from("é€\n漢😀\n")],
  ["UTF-16LE", ["é€", "漢😀"], utf16("é€\n漢😀\n", true)],
  ["utf-16be", ["é€", "漢😀"], utf16("é€\n漢😀\n", false)],
  ["latin1", ["é€", "ÿ"], Buffer.from([0xe9, 0x80, 0x0a, 0xff, 0x0a])],
  ["iso-8859-2", ["žŁ", "a"], Buffer.from([0xbe, 0xa3, 0x0a, 0x61, 0x0a])],
  ["koi8-r", ["привет"], Buffer.from([0xd0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4, 0x0a])],
];

describe("text is written in the encoding that is asked for", () => {
  test.each(written)(
    "%s: its bytes, plain and packed, read back as the records",
    async (encoding, records, bytes) => {
      const bag = fromSequence(records, { partitions: 1 });
      const [plain = ""] = await bag.writeText(at(`${encoding}-*.txt`), { encoding });
      expect(readFileSync(plain)).toEqual(bytes);
      expect(await readText(plain, { encoding, blockBytes: 2 }).compute()).toEqual(records);
      const [packed = ""] = await bag.writeText(at(`${encoding}-*.gz`), { encoding });
      expect(gunzipSync(readFileSync(packed))).toEqual(bytes);
    },
  );

  test("every character of single bytes that reading knows", async () => {
    for (const encoding of ["windows-1251", "iso-8859-7", "macintosh", "ibm866"]) {
      const decoder = new TextDecoder(encoding);
      const all = Array.from({ length: 256 }, (_, byte) => decoder.decode(Uint8Array.of(byte)));
      const records = all.filter((character) => !"\r\n\ufffd".includes(character));
      const [file = ""] = await fromSequence(records, { partitions: 1 }).writeText(
        at(`${encoding}-all-*`),
        { encoding },
      );
      expect(await readText(file, { encoding }).compute()).toEqual(records);
    }
  });

  test("JSON lines, a delimiter of the encoding, and the list of files, which is UTF-8", async () => {
    const records = [{ name: "Łódź" }, { name: "b" }];
    const bag = fromSequence(records, { partitions: 2 });
    await bag.writeJsonLines(at("json-*.jsonl"), { encoding: "utf-16le" });
    expect(await readJsonLines(at("json-*.jsonl"), { encoding: "utf-16le" }).compute()).toEqual(
      records,
    );
    const list = JSON.parse(readFileSync(at("_success-json-N.jsonl.json"), "utf8")) as {
      records: number;
      files: { bytes: number }[];
    };
    expect(list.records).toBe(2);
    expect(list.files.map(({ bytes }) => bytes)).toEqual([32, 26]);
    const [file = ""] = await fromSequence(["a", "b"], { partitions: 1 }).writeText(
      at("delimited-*"),
      { encoding: "latin1", delimiter: "é" },
    );
    expect(readFileSync(file)).toEqual(Buffer.from([0x61, 0xe9, 0x62, 0xe9]));
  });
});

describe("refused", () => {
  const bag = fromSequence(["fine", "naïve", "漢", "fine"], { partitions: 2 });

  test("a record with a character that the encoding lacks, by its place", async () => {
    const error = await errorOf(() => bag.writeText(at("lacks-*.txt"), { encoding: "latin1" }));
    expect(error).toMatchObject({ code: "BAD_ARGUMENT" });
    expect(String(error)).toContain(
      'record 0 of partition 1: expected characters that windows-1252 has, got "漢"',
    );
    const lone = fromSequence(["a", "\ud800"], { partitions: 1 });
    await expect(lone.writeText(at("lone-*.txt"), { encoding: "utf-16le" })).rejects.toThrow(
      "record 1 of partition 0: expected characters that utf-16le has",
    );
  });

  test.each(["gbk", "shift_jis", "nonsense", ""])(
    "the encoding %j, at the call",
    async (encoding) => {
      await expect(bag.writeText(at("x-*"), { encoding })).rejects.toThrow(
        /encoding: expected "utf-8"/,
      );
    },
  );

  test("a delimiter that the encoding lacks", async () => {
    const options = { encoding: "koi8-r", delimiter: "é" };
    await expect(bag.writeText(at("x-*"), options)).rejects.toThrow(
      "delimiter: expected a text that koi8-r has",
    );
  });
});
