import { beforeEach, describe, expect, test } from "vitest";
import type { ByteSource, SourceFile } from "../../src/backend/byte-source.ts";
import { LambdaskError } from "../../src/base/errors.ts";
import { LeftFiles } from "../../src/formats/bring-home.ts";
import type { WritePattern } from "../../src/formats/success-list.ts";
import { replaceList, writeWhole } from "../../src/formats/written-text.ts";
import { errorOf } from "../contract/error-of.ts";

const home: WritePattern = { prefix: "file:///home/part-", suffix: ".txt" };
const folder = "s3://bucket/outputs/ab/run/name/";
const list = "file:///home/_success-part-N.txt.json";

/** Files in memory, whose user is killed before call number `killAt` that changes something. */
class KilledSource implements ByteSource {
  readonly files: Map<string, string>;
  readonly #killAt: number;
  /** Called after every change. */
  readonly #look: () => void;
  changes = 0;

  constructor(files: Map<string, string>, killAt: number, look: () => void = () => {}) {
    this.files = files;
    this.#killAt = killAt;
    this.#look = look;
  }

  async expand(pattern: string): Promise<readonly SourceFile[]> {
    const found = [...this.files].filter(([url]) =>
      pattern.endsWith("/") ? url.startsWith(pattern) : url === pattern,
    );
    if (found.length === 0) throw new LambdaskError("SOURCE", { message: `${pattern}: none` });
    return found.map(([url, text]) => ({ url, bytes: Buffer.byteLength(text), version: "v" }));
  }

  async *read({ url }: SourceFile): AsyncGenerator<Uint8Array> {
    yield Buffer.from(this.files.get(url) ?? "");
  }

  async write(url: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const text = Buffer.concat(await Array.fromAsync(bytes)).toString();
    this.#change(() => this.files.set(url, text));
  }

  async remove(url: string): Promise<void> {
    this.#change(() => this.files.delete(url));
  }

  #change(apply: () => void): void {
    this.changes += 1;
    if (this.changes >= this.#killAt) throw new Error("killed");
    apply();
    this.#look();
  }
}

const parts = ["one\n", "two\n", "three\n"];
const urlsOf = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}.txt`);
const leftFiles = urlsOf(folder, 3).map((url, i) => ({
  url,
  records: 1,
  bytes: parts[i]?.length ?? 0,
}));

let files: Map<string, string>;
beforeEach(async () => {
  files = new Map();
  const source = new KilledSource(files, Infinity);
  // An earlier result of five files, and one that no list names.
  const earlier = urlsOf(home.prefix, 5).map((url) => ({ url, records: 1, bytes: 4 }));
  for (const { url } of earlier) await writeWhole(source, url, "old\n");
  await replaceList(source, home, { files: earlier, earlier: [] });
  files.set("file:///home/part-9.txt", "the user's\n");
  for (const [i, text] of parts.entries()) files.set(`${folder}${i}.txt`, text);
  files.set(`${folder}_success-N.txt.json`, "{}");
});

function bring(source: ByteSource): Promise<unknown> {
  return new LeftFiles(source, { home, folder }, leftFiles).bring();
}

const expected = new Map([
  ["file:///home/part-0.txt", "one\n"],
  ["file:///home/part-1.txt", "two\n"],
  ["file:///home/part-2.txt", "three\n"],
  ["file:///home/part-9.txt", "the user's\n"],
]);

function expectAtHome(): void {
  const names = JSON.parse(files.get(list) ?? "") as { files: { url: string }[]; records: number };
  expect(names.files.map(({ url }) => url)).toEqual(urlsOf(home.prefix, 3));
  expect(names.records).toBe(3);
  const others = [...files].filter(([url]) => url !== list && url.startsWith("file:"));
  expect(new Map(others.sort())).toEqual(expected);
}

describe("files that workers left elsewhere", () => {
  test("come home, replace an earlier result, and leave only a mark where they were", async () => {
    const source = new KilledSource(files, Infinity);
    const left = new LeftFiles(source, { home, folder }, leftFiles);
    const brought = await left.bring();
    expect(brought.map(({ url }) => url)).toEqual(urlsOf(home.prefix, 3));
    expectAtHome();
    expect([...files.keys()].filter((url) => url.startsWith("s3:"))).toHaveLength(1);
    await left.forget();
    expect([...files.keys()].filter((url) => url.startsWith("s3:"))).toEqual([]);
  });

  test("come home whenever the program was killed, and a list never stands beside halves", async () => {
    const start = new Map(files);
    const whole = new KilledSource(new Map(start), Infinity);
    await bring(whole);
    for (let killAt = 1; killAt <= whole.changes; killAt++) {
      files = new Map(start);
      const look = (): void => {
        if (!files.has(list)) return;
        const texts = urlsOf(home.prefix, 3).map((url) => files.get(url));
        const isOld = texts.every((text) => text === "old\n");
        if (!isOld) expect(texts, `killed at ${killAt}`).toEqual(parts);
      };
      await expect(bring(new KilledSource(files, killAt, look))).rejects.toThrow("killed");
      await bring(new KilledSource(files, Infinity, look));
      expectAtHome();
    }
  });

  test("that have gone meanwhile are an error, and there is no list", async () => {
    files.delete(`${folder}1.txt`);
    const error = await errorOf(bring(new KilledSource(files, Infinity)));
    expect(error.code).toBe("SOURCE");
    expect(error.message).toContain("file:///home/part-1.txt");
    expect(files.has(list)).toBe(false);
  });
});
