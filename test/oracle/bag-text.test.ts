import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { readText } from "../../src/bag.ts";
import { recordsOf } from "./run-bag.ts";

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

  test("gzip by name, several members, one part however small the blocks", async () => {
    const bytes = Buffer.concat([gzipSync("a\nb"), gzipSync("c\nd\n")]);
    const bag = readText(file("two.txt.gz", bytes), { blockBytes: 2 });
    expect(bag.partitions).toBe(1);
    expect(await recordsOf(bag)).toEqual(["a", "bc", "d"]);
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
});
