import fs from "node:fs";
import path from "node:path";
import { gunzipSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  fromDelayed,
  fromMap,
  fromSequence,
  range,
  readJsonLines,
  readText,
} from "../../src/bag.ts";
import { delayed } from "../../src/index.ts";
import { errorOf } from "../contract/error-of.ts";
import { temporaryFolder } from "../contract/temporary-folder.ts";
import { cloudClient } from "./cloud.ts";

cloudClient();

/** A folder of this machine, and names in it. */
function folderHere(): Disposable & { at(name: string): string } {
  const folder = temporaryFolder();
  return {
    at: (name) => path.join(folder.path, name),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

describe("bags on Lambda", () => {
  test("are made of numbers, calls and delayed values, and become delayed values", async () => {
    expect(
      await range(1000, { partitions: 7 })
        .filter((n) => n % 500 === 499)
        .compute(),
    ).toEqual([499, 999]);
    const made = fromMap(
      async function* (name: string, count: number) {
        for (let i = 0; i < count; i++) yield `${name}${i}`;
      },
      ["a", "b"],
      [1, 2],
    );
    const upper = delayed((names: string[]) => names.map((name) => name.toUpperCase()));
    const back = fromDelayed(made.toDelayed().map((part) => upper(part)));
    expect(await back.compute()).toEqual(["A0", "B0", "B1"]);
    const seen: string[] = [];
    for await (const name of back.records()) seen.push(name);
    expect(seen).toEqual(["A0", "B0", "B1"]);
  });

  test("give records one by one of a part that is fetched in several pieces, and stop when left", async () => {
    const texts = fromMap(
      function* (count: number) {
        const { createHash } = process.getBuiltinModule("node:crypto");
        // No compression makes these smaller.
        for (let i = 0; i < count; i++) yield createHash("sha512").update(`${i}`).digest("base64");
      },
      [100_000],
    );
    using kept = await texts.persist();
    let count = 0;
    let chars = 0;
    for await (const text of kept.records()) {
      count += 1;
      chars += text.length;
    }
    expect([count, chars]).toEqual([100_000, 100_000 * 88]);
    for await (const text of kept.records()) {
      expect(text).toHaveLength(88);
      break;
    }
  });

  test("read files of this machine in any form, and call them what they are called here", async () => {
    using here = folderHere();
    const wide = Buffer.from("\ufeffto be;;or;;not", "utf16le");
    fs.writeFileSync(here.at("wide.txt"), wide);
    fs.writeFileSync(here.at("a.txt.gz"), gzipSync("a1\na2\n"));
    fs.writeFileSync(here.at("b.txt.zst"), zstdCompressSync("b1\n"));
    fs.writeFileSync(here.at("c.txt"), "c1\r\nc2");
    const words = readText(here.at("wide.txt"), {
      encoding: "utf-16le",
      delimiter: ";;",
      blockBytes: 7,
    });
    expect(words.partitions).toBe(Math.ceil(wide.length / 7));
    expect(await words.compute()).toEqual(["to be", "or", "not"]);
    const named = readText(here.at("?.txt*"), { filesPerPartition: 2, includePath: true });
    expect(named.partitions).toBe(2);
    expect(await named.compute()).toEqual([
      ["a1", here.at("a.txt.gz")],
      ["a2", here.at("a.txt.gz")],
      ["b1", here.at("b.txt.zst")],
      ["c1", here.at("c.txt")],
      ["c2", here.at("c.txt")],
    ]);
  });

  test("write and read JSON lines, and an error names the file and the line", async () => {
    using here = folderHere();
    const records = [{ user: "Ada" }, { user: "Bob" }, { user: "é" }];
    const bag = fromSequence(records, { partitions: 2 });
    const files = await bag.writeJsonLines(here.at("out/*.jsonl.gz"), {
      name: (partition) => `users ${partition}`,
    });
    expect(files).toEqual([0, 1].map((n) => here.at(`out/users ${n}.jsonl.gz`)));
    expect(gunzipSync(fs.readFileSync(files[0] ?? "")).toString()).toBe('{"user":"Ada"}\n');
    expect(await readJsonLines(files).compute()).toEqual(records);
    // One part fewer: what the earlier list named is taken away here too.
    await fromSequence([1], { partitions: 1 }).writeJsonLines(here.at("out/*.jsonl.gz"), {
      name: (partition) => `users ${partition}`,
    });
    expect(fs.readdirSync(here.at("out")).sort()).toEqual([
      "_success-N.jsonl.gz.json",
      "users 0.jsonl.gz",
    ]);
    fs.writeFileSync(here.at("bad.jsonl"), "1\n{2}\n");
    const error = await errorOf(readJsonLines(here.at("bad.jsonl")).compute());
    expect(error.code).toBe("SOURCE");
    expect(error.message).toContain(`${here.at("bad.jsonl")}: line 2 is no JSON: "{2}"`);
  });
});
