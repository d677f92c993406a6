import fs from "node:fs";
import promises from "node:fs/promises";
import path from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { FarStore } from "../../src/backend/chunk-store.ts";
import type { ChunkKey } from "../../src/base/ids.ts";
import { makeChunkKey } from "../../src/base/ids.ts";
import { MemoryStore } from "../../src/local/memory-store.ts";
import type { Disk } from "../../src/worker/copy-files.ts";
import { LocalCopies } from "../../src/worker/local-copies.ts";
import { temporaryFolder } from "../contract/temporary-folder.ts";

const key = (name: string): ChunkKey => makeChunkKey(`tmp/${name}`);
const pieceBytes = 10;

/** A store far away, which counts what is asked of it. */
class Far extends MemoryStore implements FarStore {
  copies = 0;
  reads = 0;
  /** Called before each piece of a copy after the first. */
  onPiece = (): void => {};

  override get(k: ChunkKey): Promise<Uint8Array | undefined> {
    this.reads += 1;
    return super.get(k);
  }

  override getRange(
    k: ChunkKey,
    range: { readonly offset: number; readonly length: number },
  ): Promise<Uint8Array | undefined> {
    this.reads += 1;
    return super.getRange(k, range);
  }

  /** The last piece first: they come in no order. */
  async copyTo(copy: Parameters<FarStore["copyTo"]>[0], k: ChunkKey): Promise<void> {
    this.copies += 1;
    const bytes = await super.get(k);
    if (bytes === undefined || !(await copy.begin(bytes.length))) return;
    const starts = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, i) => i);
    for (const [i, start] of starts.reverse().entries()) {
      if (i > 0) this.onPiece();
      const offset = start * pieceBytes;
      await copy.write(bytes.slice(offset, offset + pieceBytes), offset);
    }
    await copy.end();
  }
}

/** Bytes 0, 1, 2, … */
const rising = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i);

interface Scene {
  readonly far: Far;
  readonly copies: LocalCopies;
  readonly folder: string;
  /** Requests that the store had. */
  asked(): readonly [copies: number, reads: number];
}

/** A store with objects `a`, `b` and `c` of 25 bytes, and copies on a disk. */
async function scene(disk?: Disk): Promise<Scene> {
  const root = temporaryFolder();
  onTestFinished(() => root[Symbol.dispose]());
  const far = new Far();
  for (const name of ["a", "b", "c"]) await far.putIfAbsent(key(name), rising(25));
  const folder = path.join(root.path, "copies");
  const copies = new LocalCopies(far, folder, disk);
  return { far, copies, folder, asked: () => [far.copies, far.reads] };
}

/** A disk of so many bytes, of which `used()` are taken by others. */
function diskOf(bytes: number, folder: () => string, used = (): number => 0): Disk {
  const taken = (): number =>
    fs.readdirSync(folder()).reduce((n, f) => n + fs.statSync(path.join(folder(), f)).size, 0);
  return { space: async () => ({ bytes, freeBytes: bytes - taken() - used() }) };
}

describe("copies of chunks on a worker's disk", () => {
  test("are fetched once, and read whole or in part as the store is", async () => {
    const { copies, asked } = await scene();
    const bytes = rising(25);
    expect(await copies.get(key("a"))).toEqual(bytes);
    expect(await copies.get(key("a"))).toEqual(bytes);
    const ranges = [
      [{ offset: 3, length: 4 }, bytes.slice(3, 7)],
      [{ offset: -5, length: 5 }, bytes.slice(20)],
      [{ offset: -5, length: 2 }, bytes.slice(20, 22)],
      [{ offset: -100, length: 100 }, bytes],
      [{ offset: 20, length: 100 }, bytes.slice(20)],
      [{ offset: 30, length: 5 }, new Uint8Array()],
      [{ offset: 4, length: 0 }, new Uint8Array()],
    ] as const;
    for (const [range, expected] of ranges) {
      expect(await copies.getRange(key("a"), range)).toEqual(expected);
      // The reference: what a store answers.
      const store = new MemoryStore();
      await store.putIfAbsent(key("a"), bytes);
      expect(await store.getRange(key("a"), range)).toEqual(expected);
    }
    expect(asked()).toEqual([1, 0]);
  });

  test("are whole after the first read of a part", async () => {
    const { copies, asked } = await scene();
    expect(await copies.getRange(key("a"), { offset: -1, length: 1 })).toEqual(Uint8Array.of(24));
    expect(await copies.get(key("a"))).toEqual(rising(25));
    expect(asked()).toEqual([1, 0]);
  });

  test("are fetched once for readers that come at the same time", async () => {
    const { copies, asked } = await scene();
    const reads = Array.from({ length: 8 }, (_, i) =>
      i % 2 === 0 ? copies.get(key("a")) : copies.getRange(key("a"), { offset: 0, length: 25 }),
    );
    for (const bytes of await Promise.all(reads)) expect(bytes).toEqual(rising(25));
    expect(asked()).toEqual([1, 0]);
  });

  test("outlive the process, and the object in the store", async () => {
    const { far, copies, folder, asked } = await scene();
    await copies.get(key("a"));
    await far.delete(key("a"));
    const next = new LocalCopies(far, folder);
    expect(await next.get(key("a"))).toEqual(rising(25));
    expect(asked()).toEqual([1, 0]);
    // There is none of this one.
    expect(await next.get(key("none"))).toBeUndefined();
    expect(await next.getRange(key("none"), { offset: 0, length: 1 })).toBeUndefined();
  });

  test("are read anew once they were forgotten", async () => {
    const { far, copies, folder } = await scene();
    await copies.get(key("a"));
    await far.delete(key("a"));
    await far.putIfAbsent(key("a"), Uint8Array.of(7));
    expect(await copies.get(key("a"))).toEqual(rising(25));
    copies.forget(key("a"));
    copies.forget(key("never seen"));
    expect(fs.readdirSync(folder)).toEqual([]);
    expect(await copies.get(key("a"))).toEqual(Uint8Array.of(7));
  });
});

describe("a copy that was cut off", () => {
  test("is never read: neither by the process that failed nor by the next", async () => {
    const { far, copies, folder, asked } = await scene();
    far.onPiece = () => {
      throw new Error("the network is gone");
    };
    expect(await copies.get(key("a"))).toEqual(rising(25));
    expect(asked()).toEqual([1, 1]);
    expect(fs.readdirSync(folder)).toEqual([]);
    // The store may be well again.
    far.onPiece = () => {};
    await copies.get(key("a"));
    await copies.get(key("a"));
    expect(asked()).toEqual([2, 1]);
  });

  test("by a crash leaves half a file, which the next process takes away", async () => {
    const { far, copies, folder, asked } = await scene();
    let half: { readonly name: string; readonly bytes: Buffer } | undefined;
    far.onPiece = () => {
      const [name = ""] = fs.readdirSync(folder);
      half = { name, bytes: fs.readFileSync(path.join(folder, name)) };
    };
    await copies.get(key("a"));
    const [whole = ""] = fs.readdirSync(folder);
    expect(half?.name).not.toBe(whole);
    fs.rmSync(path.join(folder, whole));
    fs.writeFileSync(path.join(folder, half?.name ?? ""), half?.bytes ?? "");
    expect(await new LocalCopies(far, folder).get(key("a"))).toEqual(rising(25));
    expect(asked()).toEqual([2, 0]);
    expect(fs.readdirSync(folder)).toEqual([whole]);
  });

  test("that lost its end afterwards is fetched in its place", async () => {
    const { copies, folder, asked } = await scene();
    await copies.get(key("a"));
    const [name = ""] = fs.readdirSync(folder);
    fs.truncateSync(path.join(folder, name), 10);
    expect(await copies.get(key("a"))).toEqual(rising(25));
    expect(asked()).toEqual([1, 1]);
    expect(await copies.get(key("a"))).toEqual(rising(25));
    expect(asked()).toEqual([2, 1]);
  });
});

describe("where there is no room", () => {
  test("the longest unused copies go, those of processes before first", async () => {
    let folder = "";
    // Half of the disk is for copies: two of 25 bytes.
    const disk = diskOf(100, () => folder);
    const { far, copies, asked, ...rest } = await scene(disk);
    folder = rest.folder;
    await copies.get(key("a"));
    await copies.get(key("b"));
    await copies.get(key("a"));
    await copies.get(key("c"));
    expect(asked()).toEqual([3, 0]);
    await copies.get(key("a"));
    await copies.get(key("c"));
    expect(asked()).toEqual([3, 0]);
    expect(fs.readdirSync(folder)).toHaveLength(2);
    const next = new LocalCopies(far, folder, disk);
    // That of `a` is the older one.
    await next.get(key("b"));
    await next.get(key("c"));
    expect(asked()).toEqual([4, 0]);
  });

  test("what is larger than all of it is read from the store, and drives nothing out", async () => {
    let folder = "";
    const { far, copies, asked, ...rest } = await scene(diskOf(100, () => folder));
    folder = rest.folder;
    await far.putIfAbsent(key("large"), rising(51));
    await copies.get(key("a"));
    for (let i = 0; i < 3; i++) expect(await copies.get(key("large"))).toEqual(rising(51));
    await copies.get(key("a"));
    // That it does not fit is found out once.
    expect(asked()).toEqual([2, 3]);
  });

  test("because others fill the disk, a quarter of it is left to them", async () => {
    let folder = "";
    let used = 40;
    const { copies, asked, ...rest } = await scene(
      diskOf(
        100,
        () => folder,
        () => used,
      ),
    );
    folder = rest.folder;
    await copies.get(key("a")); // 35 are left.
    await copies.get(key("b")); // 10 would be: `a` goes.
    expect(fs.readdirSync(folder)).toHaveLength(1);
    used = 60;
    await copies.get(key("c")); // 15 would be left without any other copy.
    await copies.get(key("c"));
    await copies.get(key("b"));
    expect(asked()).toEqual([3, 2]);
  });

  test("as the disk says while it is written, the store is read, and not tried again", async () => {
    const { far, copies, folder, asked } = await scene();
    const open = vi.spyOn(promises, "open");
    onTestFinished(() => open.mockRestore());
    const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    far.onPiece = () => {
      // What was opened last is the file being written.
      void open.mock.results.at(-1)?.value.then((file: promises.FileHandle) => {
        file.write = () => Promise.reject(full);
      });
    };
    expect(await copies.get(key("a"))).toEqual(rising(25));
    far.onPiece = () => {};
    expect(await copies.get(key("a"))).toEqual(rising(25));
    expect(asked()).toEqual([1, 2]);
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  test("as no folder can be made, the store is read", async () => {
    const { far, folder, asked } = await scene();
    fs.writeFileSync(folder, "a file");
    const copies = new LocalCopies(far, path.join(folder, "none"));
    expect(await copies.get(key("a"))).toEqual(rising(25));
    expect(await copies.getRange(key("a"), { offset: 1, length: 1 })).toEqual(Uint8Array.of(1));
    expect(() => copies.forget(key("a"))).not.toThrow();
    expect(asked()).toEqual([0, 2]);
  });
});

test("an error of the store is the reader's", async () => {
  const { far, copies } = await scene();
  const down = (): Promise<never> => Promise.reject(new Error("down"));
  far.copyTo = down;
  far.get = down;
  await expect(copies.get(key("a"))).rejects.toThrow("down");
});
