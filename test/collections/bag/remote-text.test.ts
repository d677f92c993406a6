import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { fromSequence, readJsonLines, readText } from "../../../src/bag.ts";
import { connect } from "../../../src/index.ts";
import { temporaryFolder } from "../../contract/temporary-folder.ts";
import { s3Buckets } from "../../emulators/builtin/s3-buckets.ts";

const s3 = await s3Buckets();
process.env["AWS_ENDPOINT_URL_S3"] = s3.endpoint;
const folder = temporaryFolder();
const client = await connect({ inline: true, store: folder.path, progress: "none" });

afterAll(async () => {
  await client.close();
  delete process.env["AWS_ENDPOINT_URL_S3"];
  folder[Symbol.dispose]();
  await s3[Symbol.asyncDispose]();
});

/** A bucket with the given texts, by key. */
async function bucketWith(texts: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const bucket = s3.bucket();
  for (const [key, text] of Object.entries(texts)) await bucket.put({ key }, Buffer.from(text));
  return `s3://${bucket.name}`;
}

describe("text on S3", () => {
  test("is read by prefix, glob and key, block by block, in the order it is named", async () => {
    const root = await bucketWith({
      "d/a.txt": "a1\na2\na3\na4\n",
      "d/b.txt": "b1\nb2",
      "d/c.txt.gz": gzipSync("c1\nc2\n"),
      "e.txt": "e1\n",
    });
    const all = await readText(`${root}/d/`, { blockBytes: 5 }).compute();
    expect(all).toEqual(["a1", "a2", "a3", "a4", "b1", "b2", "c1", "c2"]);
    const some = readText([`${root}/e.txt`, `${root}/d/*.txt`]);
    expect(some.partitions).toBeUndefined();
    expect(await some.compute()).toEqual(["e1", "a1", "a2", "a3", "a4", "b1", "b2"]);
    expect(await some.take(2)).toEqual(["e1", "a1"]);
  });

  test("is counted and grouped like any other", async () => {
    const root = await bucketWith({ "1.txt": "to be\nor not\n", "2.txt": "to be\n" });
    const words = readText(`${root}/*.txt`)
      .map((line) => line.split(" "))
      .flatten();
    const counted = await words.frequencies().compute();
    expect([...counted].sort()).toEqual([
      ["be", 2],
      ["not", 1],
      ["or", 1],
      ["to", 2],
    ]);
    const grouped = await words.groupBy((word) => word.length).compute();
    expect(new Map(grouped).get(3)).toEqual(["not"]);
  });

  test("is looked up anew by every run", async () => {
    const bucket = s3.bucket();
    await bucket.put({ key: "a.txt" }, Buffer.from("first\n"));
    const lines = readText(`s3://${bucket.name}/`);
    expect(await lines.compute()).toEqual(["first"]);
    await bucket.put({ key: "a.txt" }, Buffer.from("second\n"));
    await bucket.put({ key: "b.txt" }, Buffer.from("third\n"));
    expect(await lines.compute()).toEqual(["second", "third"]);
  });

  test("is read in any form, several objects in one part, with the URL of each", async () => {
    const root = await bucketWith({
      "a.jsonl": "1\n\n2\n",
      "b.jsonl.zst": zstdCompressSync(Buffer.from("3\n")),
      "c.jsonl.gz": gzipSync("4\n5"),
      "wide.txt": Buffer.from("\ufeffto be;or;not", "utf16le"),
    });
    const records = readJsonLines<number>(`${root}/*.jsonl*`, {
      filesPerPartition: 2,
      includePath: true,
    });
    const parts: unknown[] = [];
    for await (const part of records) parts.push(part);
    expect(parts).toEqual([
      [
        [1, `${root}/a.jsonl`],
        [2, `${root}/a.jsonl`],
        [3, `${root}/b.jsonl.zst`],
      ],
      [
        [4, `${root}/c.jsonl.gz`],
        [5, `${root}/c.jsonl.gz`],
      ],
    ]);
    for (const blockBytes of [2, 7, 100]) {
      const wide = { encoding: "utf-16le", delimiter: ";", blockBytes };
      expect(await readText(`${root}/wide.txt`, wide).compute()).toEqual(["to be", "or", "not"]);
    }
  });

  test("that is not there is an error when the work starts, which names it", async () => {
    const root = await bucketWith({ "a.txt": "a\n" });
    const missing = readText(`${root}/*.csv`).compute();
    await expect(missing).rejects.toMatchObject({ code: "SOURCE" });
    await expect(missing).rejects.toThrow(`${root}/*.csv: no object matches`);
  });

  test("is written as objects, and read back", async () => {
    const root = await bucketWith({});
    const urls = await fromSequence(["x", "y", "z"], { partitions: 3 }).writeText(
      `${root}/out/part-*.txt.gz`,
    );
    expect(urls).toEqual([0, 1, 2].map((part) => `${root}/out/part-${part}.txt.gz`));
    expect(await readText(`${root}/out/*.gz`).compute()).toEqual(["x", "y", "z"]);
    const [manifest] = await readText(`${root}/out/_success-part-N.txt.gz.json`).take(1);
    expect(manifest).toBe("{");
  });
});
