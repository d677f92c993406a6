import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { connectS3 } from "../../src/sources/s3-client.ts";
import { S3Source } from "../../src/sources/s3-source.ts";
import { errorOf } from "../contract/error-of.ts";
import { anyOf, type Fault, failNth, slowDown } from "../emulators/builtin/faults.ts";
import { quickClock } from "../emulators/builtin/quick-clock.ts";
import { s3Buckets } from "../emulators/builtin/s3-buckets.ts";

const s3 = await s3Buckets({}, { clock: quickClock });
const { log } = s3.emulator;
const source = new S3Source(s3.open);
const MiB = 2 ** 20;

beforeEach(() => {
  s3.emulator.faults = () => undefined;
  log.clear();
});
afterAll(() => s3[Symbol.asyncDispose]());

/** A bucket with objects of these keys, each holding its key. */
async function bucketWith(...keys: string[]): Promise<string> {
  const bucket = s3.bucket();
  for (const key of keys) {
    await bucket.put({ key }, Buffer.from(key.endsWith("/") ? "" : key));
  }
  log.clear();
  return `s3://${bucket.name}`;
}

async function found(pattern: string): Promise<string[]> {
  return (await source.expand(pattern)).map(({ url }) => url);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

describe("the objects that a pattern names", () => {
  test("are one, by its key", async () => {
    const root = await bucketWith("data/a.txt", "data/a.txt.gz");
    expect(await source.expand(`${root}/data/a.txt`)).toEqual([
      // As md5sum says of "data/a.txt".
      { url: `${root}/data/a.txt`, bytes: 10, version: '"8a6c89adf870b3ba3f186eccd6a28282"' },
    ]);
    expect(log.requests.map(({ operation }) => operation)).toEqual(["HeadObject"]);
  });

  test("are those under a prefix, without the marks that stand for folders", async () => {
    const root = await bucketWith("data/", "data/b/c.txt", "data/a.txt", "database.txt");
    expect(await found(`${root}/data/`)).toEqual([`${root}/data/a.txt`, `${root}/data/b/c.txt`]);
    expect(await found(`${root}/`)).toHaveLength(3);
    expect(await found(root)).toHaveLength(3);
  });

  test("are those that a glob matches, within a folder and below", async () => {
    const root = await bucketWith("d/1.csv", "d/2.csv", "d/2.txt", "d/e/3.csv", "d/e/f/4.csv");
    expect(await found(`${root}/d/*.csv`)).toEqual([`${root}/d/1.csv`, `${root}/d/2.csv`]);
    expect(await found(`${root}/d/**/*.csv`)).toHaveLength(4);
    expect(await found(`${root}/*/?.{csv,txt}`)).toHaveLength(3);
    expect(await found(`${root}/d/[13].csv`)).toEqual([`${root}/d/1.csv`]);
  });

  test("are taken as they stand if there is one of that name", async () => {
    const root = await bucketWith("d/a[1] é & 100%.txt", "d/a1 é & 100%.txt");
    expect(await found(`${root}/d/a[1] é & 100%.txt`)).toEqual([`${root}/d/a[1] é & 100%.txt`]);
    const [file] = await source.expand(`${root}/d/a[1] é & 100%.txt`);
    if (file === undefined) throw new Error("not found");
    const read = Buffer.concat(await Array.fromAsync(source.read(file, { start: 2, end: 6 })));
    expect(read.toString()).toBe("a[1]");
  });

  test("are an error where there are none, saying which it is", async () => {
    const root = await bucketWith("d/a.txt");
    for (const pattern of [`${root}/none.txt`, `${root}/d/*.csv`, `${root}/e/`]) {
      const error = await errorOf(source.expand(pattern));
      expect(error.code).toBe("SOURCE");
      expect(error.message).toContain(pattern);
    }
    const noBucket = await errorOf(source.expand("s3://no-such-bucket/d/*.csv"));
    expect(noBucket.message).toContain("there is no such bucket");
    expect((await errorOf(source.expand("s3:///a.txt"))).message).toContain("names no bucket");
    s3.emulator.faults = () => ({ kind: "refuse", status: 403, code: "AccessDenied" });
    expect((await errorOf(source.expand(`${root}/d/a.txt`))).message).toContain("no permission");
  });

  test("are an error where no region is set", async () => {
    const { AWS_REGION } = process.env;
    const connection = connectS3({ endpoint: s3.endpoint });
    const lost = new S3Source((name) => connection.bucket(name));
    delete process.env["AWS_REGION"];
    process.env["AWS_CONFIG_FILE"] = "/no/such/file";
    const noRegion = await errorOf(lost.expand("s3://some/a.txt"));
    expect(noRegion.message).toContain("no region is set");
    process.env["AWS_REGION"] = AWS_REGION;
    delete process.env["AWS_CONFIG_FILE"];
    connection.close();
  });
});

describe("an object that is read and written", () => {
  test("comes in requests of 4 MiB, whatever becomes of them", async () => {
    const root = await bucketWith();
    const bytes = Buffer.from(Uint32Array.from({ length: 10 * (MiB / 4) }, (_, i) => i).buffer);
    await source.write(`${root}/big`, once(bytes));
    const [file] = await source.expand(`${root}/big`);
    if (file === undefined) throw new Error("not found");
    log.clear();
    const cut: Fault = { kind: "cut", afterBytes: 1000 };
    s3.emulator.faults = anyOf(
      failNth("GetObject", [1], slowDown),
      failNth("GetObject", [2], cut),
      failNth("GetObject", [3], { kind: "reset" }),
    );
    const range = { start: 3, end: bytes.length - 5 };
    const pieces = await Array.fromAsync(source.read(file, range));
    expect(Buffer.concat(pieces).equals(bytes.subarray(3, -5))).toBe(true);
    expect(log.count("GetObject")).toBe(3 + 3);
    expect(Math.max(...pieces.map(({ length }) => length))).toBe(MiB);
  });

  test("is not fetched further ahead of its reader than two requests", async () => {
    const root = await bucketWith();
    await source.write(`${root}/big`, once(new Uint8Array(40 * MiB)));
    const [file] = await source.expand(`${root}/big`);
    if (file === undefined) throw new Error("not found");
    log.clear();
    for await (const piece of source.read(file, { start: 0, end: file.bytes })) {
      expect(piece).toHaveLength(MiB);
      break;
    }
    expect(log.count("GetObject")).toBeLessThanOrEqual(2);
  });

  test("is written whole or not at all, over what was there", async () => {
    const root = await bucketWith("out.txt");
    await source.write(`${root}/out.txt`, once(Buffer.from("new")));
    async function* breaking(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("half");
      throw new RangeError("the user's own");
    }
    await expect(source.write(`${root}/out.txt`, breaking())).rejects.toThrow(RangeError);
    expect((await source.expand(`${root}/out.txt`))[0]?.bytes).toBe(3);
    const error = await errorOf(source.write(`${root}/`, once(new Uint8Array(1))));
    expect(error.message).toContain("names no object");
  });

  test("ends at a signal", async () => {
    const root = await bucketWith("a.txt");
    const [file] = await source.expand(`${root}/a.txt`);
    if (file === undefined) throw new Error("not found");
    const read = source.read(file, { start: 0, end: 5 }, AbortSignal.abort(new Error("enough")));
    await expect(read.next()).rejects.toThrow("enough");
  });
});
