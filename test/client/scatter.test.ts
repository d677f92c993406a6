import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { connect, currentTask, delayed, type Future } from "../../src/index.ts";
import { sharedClient, temporaryFolder } from "./support.ts";

const client = sharedClient({ inline: true });
const folder = temporaryFolder();
const large = (fill: number, length = 100_000): Float64Array => new Float64Array(length).fill(fill);

/** Sizes of the chunks in the store. */
function chunks(store: string): number[] {
  const entries = readdirSync(store, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && path.join(entry.parentPath, entry.name).includes("/tmp/"))
    .map((entry) => statSync(path.join(entry.parentPath, entry.name)).size);
}

test("scattered data comes back as it was when it was given", async () => {
  const values = [
    1,
    "text",
    null,
    undefined,
    [1, { a: 2n }],
    new Map([["k", new Set([1])]]),
    new Date(3),
    large(0.5),
  ];
  const futures = values.map((value) => client.current.scatter(value));
  expect(await client.current.gather(futures)).toEqual(values);
  const list = [1, 2, 3];
  const bytes = new Uint8Array(2 ** 21).fill(1);
  const [before, bytesBefore] = [client.current.scatter(list), client.current.scatter(bytes)];
  list.fill(0);
  bytes.fill(0);
  expect(await before.result()).toEqual([1, 2, 3]);
  expect((await bytesBefore.result()).every((byte) => byte === 1)).toBe(true);
});

test("scattered data may hold futures and delayed calls", async () => {
  const one = client.current.submit(() => 1);
  const two = delayed((n: number) => n + 1)(one);
  const both = client.current.scatter({ one, list: [two] });
  expect(await both.result()).toEqual({ one: 1, list: [2] });
});

test("no value at all is refused, and so are several, and what is no data", () => {
  const scatter = client.current.scatter.bind(client.current) as (...values: unknown[]) => unknown;
  expect(() => scatter()).toThrow(/client\.scatter: expected one value, got none/);
  expect(() => scatter(1, 2)).toThrow(/client\.scatter: expected one value, got 2/);
  expect(() => scatter(Symbol("s"))).toThrow(/client\.scatter: the symbol s/);
  expect(() => scatter({ inc: (n: number) => n + 1 })).toThrow(
    /client\.scatter\.inc: the function inc/,
  );
  expect(() => client.current.scatterAll([1, new WeakMap()])).toThrow(
    /client\.scatterAll: value 1/,
  );
  expect(() => client.current.scatterAll(5 as never)).toThrow(
    /client\.scatterAll: expected a list/,
  );
});

describe("scatterAll", () => {
  test("gives a future of each value, in a container like the one given", async () => {
    const { a, b } = client.current.scatterAll({ a: 1, b: large(2) });
    expect(await a.result()).toBe(1);
    expect(await b.result()).toEqual(large(2));
    const list = client.current.scatterAll([1, "two", large(3), 1]);
    expect(await client.current.gather(list)).toEqual([1, "two", large(3), 1]);
    const map = client.current.scatterAll(new Map([["k", 5]]));
    expect(await client.current.gather(map)).toEqual(new Map([["k", 5]]));
    expect(client.current.scatterAll([])).toEqual([]);
    const mixed: readonly Future<unknown>[] = client.current.scatterAll([a, 7]);
    expect(await client.current.gather(mixed)).toEqual([1, 7]);
  });

  test("of 10,000 values is one group of futures", async () => {
    const values = Array.from({ length: 10_000 }, (_, i) => ({ i }));
    const futures = client.current.scatterAll(values);
    expect(await client.current.gather(futures)).toEqual(values);
  });
});

describe("large scattered data", () => {
  test("is in the store when the future has ended, once for equal data, and goes with its futures", async () => {
    await using other = await connect({ inline: true, store: folder.path, progress: "none" });
    const one = other.scatter(large(1));
    await one.ended();
    expect(chunks(folder.path)).toHaveLength(1);
    const same = other.scatter(large(1));
    const all = other.scatterAll([large(1), large(2), large(2), "small"]);
    expect([same.key, all[0]?.key]).toEqual([one.key, one.key]);
    await other.gather([same, ...all] as Future<unknown>[]);
    // 800,000 bytes of numbers each; the small text is not there.
    expect(chunks(folder.path).map((bytes) => Math.floor(bytes / 800_000))).toEqual([1, 1]);
    for (const future of [one, same, ...all]) future.release();
    await other.close();
    expect(chunks(folder.path)).toEqual([]);
  });

  test("of megabytes is the same for the same bytes only, also when the checksums are the same", async () => {
    const megabytes = (change: (bytes: Uint8Array) => void): Uint8Array => {
      const bytes = new Uint8Array(2 ** 21);
      change(bytes);
      return bytes;
    };
    const [one, same, other] = client.current.scatterAll([
      megabytes((bytes) => bytes.fill(1)),
      megabytes((bytes) => bytes.fill(1)),
      megabytes((bytes) => bytes.fill(1).fill(2, 5, 6)),
    ]) as [Future<Uint8Array>, Future<Uint8Array>, Future<Uint8Array>];
    expect([same.key === one.key, other.key === one.key]).toEqual([true, false]);
    // CRC-32 is linear: this pattern, the polynomial itself, changes no checksum wherever it is xored in.
    const polynomial = 0x1_04c1_1db7n;
    const hidden = megabytes((bytes) => {
      bytes.fill(1);
      for (let bit = 0; bit < 33; bit++) {
        const place = 8 * 1000 + bit;
        const isSet = (polynomial >> BigInt(32 - bit)) & 1n;
        // The first bit of a byte is its lowest.
        if (isSet === 1n) bytes[place >> 3] = (bytes[place >> 3] ?? 0) ^ (1 << (place & 7));
      }
    });
    expect(crc32(hidden)).toBe(crc32(await one.result()));
    const alike = client.current.scatter(hidden);
    expect(alike.key).not.toBe(one.key);
    expect((await alike.result()).subarray(1000, 1005)).toEqual(hidden.subarray(1000, 1005));
    expect((await client.current.scatter(hidden.slice()).result()).length).toBe(2 ** 21);
    expect(client.current.scatter(hidden.slice()).key).toBe(alike.key);
  });

  test("outlives the workers that read it, and a store that loses it", async () => {
    const store = path.join(folder.path, "lost");
    await using other = await connect({ processes: 2, store, progress: "none" });
    const table = other.scatter(Float64Array.from({ length: 100_000 }, (_, i) => i));
    await table.ended();
    const read = (at: number, _: number, rows: Float64Array): number | undefined => {
      if (at % 2 === 0 && currentTask()?.attempt === 1) process.kill(process.pid, "SIGKILL");
      return rows[at];
    };
    const once = other.map(read, [0, 1, 2, 99_999], { broadcast: table });
    expect(await other.gather(once)).toEqual([0, 1, 2, 99_999]);
    rmSync(path.join(store, "tmp"), { recursive: true });
    expect(chunks(store)).toEqual([]);
    // Another path to it, since equal calls have their results.
    const again = other.map((at: number, _, rows: Float64Array) => -(rows[at] ?? 0), [5], {
      broadcast: table,
    });
    expect(await other.gather(again)).toEqual([-5]);
  });

  test("that cannot be stored says so", async () => {
    const broken = await connect({
      inline: true,
      store: path.join(folder.path, "gone"),
      progress: "none",
    });
    // A file where the folder of the store was.
    rmSync(path.join(folder.path, "gone"), { recursive: true, force: true });
    writeFileSync(path.join(folder.path, "gone"), "");
    const future = broken.scatter(large(9));
    expect(await future.exception()).toMatchObject({ code: "STORE" });
    expect(future.status).toBe("error");
    rmSync(path.join(folder.path, "gone"));
    await broken.close();
  });
});
