import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { temporaryName } from "../../../src/backend/temporary-name.ts";
import { fromDelayed, fromSequence, range, readJsonLines, readText } from "../../../src/bag.ts";
import { compute, delayed } from "../../../src/index.ts";
import { sharedClient, temporaryFolder } from "../../client/support.ts";
import { errorOf } from "../../contract/error-of.ts";

sharedClient({ inline: true });
const folder = temporaryFolder();
const at = (name: string): string => path.join(folder.path, name);

describe("writeText", () => {
  test("packs by name, and writes a file also for a part without records", async () => {
    const bag = fromSequence(["a", "b"], { partitions: 4 });
    const unpack = { gz: gunzipSync, zst: zstdDecompressSync };
    for (const [suffix, unpacked] of Object.entries(unpack)) {
      const files = await bag.writeText(at(`packed/*.${suffix}`));
      const texts = files.map((file) => unpacked(readFileSync(file)).toString());
      expect(texts).toEqual(["", "a\n", "", "b\n"]);
      expect(await readText(files).compute()).toEqual(["a", "b"]);
    }
  });

  test("puts a delimiter of one's own behind every record", async () => {
    const bag = fromSequence(["a\n", "", "b"], { partitions: 1 });
    const files = await bag.writeText(at("delimited-*.txt"), { delimiter: ";;" });
    expect(readFileSync(files[0] ?? "", "utf8")).toBe("a\n;;;;b;;");
    expect(await readText(files, { delimiter: ";;" }).compute()).toEqual(["a\n", "", "b"]);
  });

  test("names files as a function says, and removes those of an earlier result", async () => {
    const month = (partition: number): string => `2026 #${partition + 1}%`;
    const bag = range(6, { partitions: 3 }).map(String);
    const files = await bag.writeText(at("named/*.txt"), { name: month });
    expect(files).toEqual([0, 1, 2].map((n) => at(`named/${month(n)}.txt`)));
    expect(await readText(files).compute()).toEqual(["0", "1", "2", "3", "4", "5"]);
    writeFileSync(at("named/own.txt"), "somebody's own\n");
    await fromSequence(["x"]).writeText(at("named/*.txt"), { name: month });
    expect(readdirSync(at("named")).sort()).toEqual([
      "2026 #1%.txt",
      "_success-N.txt.json",
      "own.txt",
    ]);
  });

  test("take away what a killed writer left beside them", async () => {
    mkdirSync(at("swept"));
    // The name of a temporary file of this machine; that process has ended.
    const { pid } = spawnSync(process.execPath, ["--version"]);
    const left = path
      .basename(temporaryName(at("swept/0.txt")))
      .replace(`${process.pid}`, `${pid}`);
    writeFileSync(at(`swept/${left}`), "half a li");
    await fromSequence(["a"]).writeText(at("swept/*.txt"));
    expect(readdirSync(at("swept")).sort()).toEqual(["0.txt", "_success-N.txt.json"]);
  });

  test("are read back by the same pattern, whose list is no part of the records", async () => {
    const records = [{ n: 1 }, { n: 2 }];
    await fromSequence(records).writeJsonLines(at("json/*.json"));
    expect(await readJsonLines(at("json/*.json")).compute()).toEqual(records);
    expect(await readJsonLines(at("json/*")).compute()).toEqual(records);
    expect(await readText(at("json/_success-*.json")).take(1)).toEqual(["{"]);
    writeFileSync(at("json/_SUCCESS"), "");
    expect(() => readText(at("json/_*"))).toThrow("no file matches");
  });

  test("hide no file of the user's whose name begins like that of a list", async () => {
    mkdirSync(at("alike"));
    const names = ["_SUCCESS-7.txt", "_success-2.json", "_success-stories.txt"];
    for (const name of [...names, "_SUCCESS", "_success-p-N.txt.json"]) {
      writeFileSync(at(`alike/${name}`), name);
    }
    expect(await readText(at("alike/*")).compute()).toEqual(names);
  });

  test("have a list for each pattern: another result beside them changes nothing", async () => {
    const texts = ["old 1", "old 2", "old 3"];
    await fromSequence(texts, { partitions: 3 }).writeText(at("two/p-*.txt"));
    await fromSequence(["log"]).writeText(at("two/p-*.log"));
    await fromSequence(["new"], { partitions: 1 }).writeText(at("two/p-*.txt"));
    expect(await readText(at("two/p-*.txt")).compute()).toEqual(["new"]);
    expect(await readText(at("two/p-*.log")).compute()).toEqual(["log"]);
  });

  test.each<readonly [string, (partition: number) => unknown, string]>([
    ["the same for two", (n) => `part${n % 2}`, "different names for partitions 0 and 2"],
    ["a path", (n) => `${n}/a`, "a part of a file name for partition 0"],
    ["nothing", () => "", "a part of a file name"],
    ["no text", (n) => n, "a part of a file name"],
    ["that of the list", (n) => (n === 2 ? "_success-N" : `${n}`), "another name for partition 2"],
  ])("changes nothing where a name is %s", async (_name, name, message) => {
    const bag = fromSequence(["a", "b", "c"], { partitions: 3 });
    await bag.writeText(at("kept/*.json"));
    const before = readdirSync(at("kept"));
    const error = await errorOf(bag.writeText(at("kept/*.json"), { name: name as () => string }));
    expect(error.code).toBe("BAD_ARGUMENT");
    expect(error.message).toContain(message);
    expect(readdirSync(at("kept"))).toEqual(before);
  });

  test("refuses wrong options at the call", async () => {
    const bag = fromSequence(["a"]);
    const wrong: readonly (readonly [object, string])[] = [
      [{ name: "x" }, "bag.writeText: name: expected a function"],
      [{ delimiter: "" }, "bag.writeText: delimiter: expected a text that is not empty"],
      [{ nmae: () => "x" }, 'did you mean "name"?'],
      [{ retries: -1 }, "retries"],
    ];
    for (const [options, message] of wrong) {
      const error = await errorOf(bag.writeText(at("no-*.txt"), options));
      expect(error.code).toBe("BAD_ARGUMENT");
      expect(String(error)).toContain(message);
    }
    const json = await errorOf(bag.writeJsonLines(at("no-*.txt"), { delimiter: ";" } as object));
    expect(json.message).toContain('unknown option "delimiter"');
  });
});

describe("writeJsonLines", () => {
  test("writes what readJsonLines reads", async () => {
    const records = [{ a: [1, null, "é\n"] }, "text", 2.5, null, { nested: { b: true } }];
    const bag = fromSequence(records, { partitions: 2 });
    for (const suffix of ["jsonl", "jsonl.gz", "jsonl.zst"]) {
      const files = await bag.writeJsonLines(at(`json/*.${suffix}`));
      expect(await readJsonLines(files).compute()).toEqual(records);
    }
    const [dated = ""] = await fromSequence([
      { day: new Date(0), none: undefined, not: Number.NaN },
    ]).writeJsonLines(at("dated-*.jsonl"));
    expect(readFileSync(dated, "utf8")).toBe('{"day":"1970-01-01T00:00:00.000Z","not":null}\n');
  });

  test.each<readonly [string, unknown]>([
    ["a bigint inside", { n: 1n }],
    ["undefined", undefined],
    ["more levels than it takes", Array.from({ length: 20_000 }).reduce((inner) => [inner], 1)],
  ])("names the record that JSON has not: %s", async (_name, record) => {
    const bag = fromSequence([1, record], { partitions: 1 });
    const error = await errorOf(bag.writeJsonLines(at("bad-json/*.jsonl")));
    expect(error.code).toBe("BAD_ARGUMENT");
    expect(error.message).toContain(
      "bag.writeJsonLines: record 1 of partition 0: expected what JSON has",
    );
    expect(existsSync(at("bad-json/0.jsonl"))).toBe(false);
  });
});

describe("toDelayed", () => {
  test("gives each part as the list of its records, computed once", async () => {
    const log = at("lists.log");
    const bag = range(5, { partitions: 3 }).map((n) => {
      appendFileSync(log, `${n}\n`);
      return n * n;
    });
    const parts = bag.toDelayed();
    expect(parts).toHaveLength(3);
    expect(existsSync(log)).toBe(false);
    expect(await compute(...parts)).toEqual([[0, 1], [4, 9], [16]]);
    expect(readFileSync(log, "utf8").split("\n").filter(Boolean).sort()).toEqual([
      "0",
      "1",
      "2",
      "3",
      "4",
    ]);
    expect(await parts[2]?.compute()).toEqual([16]);
    expect(await parts[1]?.length.compute()).toBe(2);
  });

  test("is turned round by fromDelayed, also through calls of delayed functions", async () => {
    const bag = range(50, { partitions: 7 });
    const reversed = delayed((list: number[]) => list.toReversed());
    const back = fromDelayed(bag.toDelayed().map((part) => reversed(reversed(part))));
    expect(back.partitions).toBe(7);
    expect(await back.compute()).toEqual(await bag.compute());
    expect(
      await back
        .filter((n) => n > 47)
        .map((n) => -n)
        .compute(),
    ).toEqual([-48, -49]);
  });

  test("of a bag of an unknown number of parts wants it persisted", async () => {
    const grouped = range(20).groupBy((n) => n % 3);
    expect(() => grouped.toDelayed()).toThrow(
      expect.objectContaining({
        code: "LAZY_MISUSE",
        message: expect.stringContaining("partitions") as unknown,
      }),
    );
    expect(
      range(20)
        .groupBy((n) => n % 3, { partitions: 2 })
        .toDelayed(),
    ).toHaveLength(2);
    using kept = await grouped.persist();
    expect(kept.partitions).toBe(1);
    const [groups] = await compute(...kept.toDelayed());
    expect(groups).toEqual(await kept.compute());
    expect(groups).toHaveLength(3);
  });
});

describe("records", () => {
  test("gives every record in order, from parts in the store and from small ones", async () => {
    const sizes = [0, 3, 40_000, 1];
    const bag = fromSequence(sizes, { partitions: 4 }).map((size) =>
      Array.from({ length: size }, (_, i) => `${size}: ${i}`),
    );
    const seen: string[] = [];
    for await (const record of bag.flatten().records()) seen.push(record);
    expect(seen).toEqual(await bag.flatten().compute());
    expect(seen).toHaveLength(40_004);
  });

  test("may be left in the middle, and the error of the work comes first", async () => {
    const first: number[] = [];
    for await (const n of range(10_000, { partitions: 2 }).records()) {
      if (n === 3) break;
      first.push(n);
    }
    expect(first).toEqual([0, 1, 2]);
    const failing = range(4, { partitions: 2 }).map((n) => {
      if (n === 3) throw new Error("no 3");
      return n;
    });
    await expect(failing.records().next()).rejects.toThrow("no 3");
  });
});
