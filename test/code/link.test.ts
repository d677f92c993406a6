import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { ShippedFunction } from "../../src/backend/shipped-function.ts";
import type { ContentName } from "../../src/base/ids.ts";
import { blobsOf, capture } from "../../src/code/capture.ts";
import { createLinker } from "../../src/code/link.ts";
import { perWorker } from "../../src/code/per-worker.ts";
import { LinkHere } from "./support/link-here.ts";
import { Remote } from "./support/remote.ts";

const factor = 3;
const noBlobs = createLinker({ readBlob: () => Promise.reject(new Error("no blobs here")) });

describe("a linker", () => {
  test("gives the same function for the same capture, and another for another value", async () => {
    const make = (n: number) => (x: number) => x * factor + n;
    const one = await noBlobs.link(capture(make(1)));
    expect(await noBlobs.link(capture(make(1)))).toBe(one);
    const two = await noBlobs.link(capture(make(2)));
    expect([one(2), two(2)]).toEqual([7, 8]);
  });

  test("refuses code that is not what its hash says", async () => {
    const shipped = capture((x: number) => x * factor + 1);
    const [module] = shipped.modules;
    const forged = {
      ...shipped,
      modules: [{ ...shipped.modules[0], text: module?.text.replace("+ 1", "- 1") }],
    } as ShippedFunction;
    await expect(noBlobs.link(forged)).rejects.toMatchObject({ code: "MISMATCH" });
    expect((await noBlobs.link(shipped))(2)).toBe(7);
  });

  test("refuses captured data that is not what its hash says, and tries again", async () => {
    const floats = new Float64Array(20_000).fill(2);
    const shipped = capture((i: number) => floats[i]);
    const kept = blobsOf(shipped);
    let forge = true;
    const linker = createLinker({
      readBlob: (hash: ContentName) => {
        const bytes = Uint8Array.from(kept.get(hash) ?? []);
        if (forge) bytes[0] = 1;
        return Promise.resolve(bytes);
      },
    });
    await expect(linker.link(shipped)).rejects.toMatchObject({ code: "MISMATCH" });
    forge = false;
    expect((await linker.link(shipped))(5)).toBe(2);
  });

  test("refuses a graph of another version, a damaged one, and paths to what is no built-in", async () => {
    const shipped = capture((x: number) => x);
    const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
    const builtIn = (path: unknown): Uint8Array =>
      encode([1, { ref: 0 }, [{ kind: "built-in", path }]]);
    for (const [n, graph] of [
      encode([99, { ref: 0 }, []]),
      new Uint8Array([1, 2, 3]),
      encode([1, { ref: 5 }, []]),
      encode([1, "text", []]),
      builtIn(["global", "noSuchThing"]),
      builtIn(["process.exit()", "x"]),
      encode([
        1,
        { ref: 0 },
        [{ kind: "view", type: "Function", buffer: 0, offset: 0, length: 0 }],
      ]),
    ].entries()) {
      const id = `${n}`.padStart(32, "0") as ContentName;
      await expect(noBlobs.link({ ...shipped, id, graph }), `${n}`).rejects.toMatchObject({
        code: "MISMATCH",
      });
    }
  });

  test("takes built-ins by walking to them, getters included, without running any", async () => {
    const getSize = Object.getOwnPropertyDescriptor(Map.prototype, "size")?.get;
    const generator = Object.getPrototypeOf(function* () {}) as object;
    const task = (): unknown => [
      Reflect.apply(getSize ?? (() => 0), new Map([[1, 2]]), []),
      Object.getPrototypeOf(function* () {}) === generator,
    ];
    expect((await noBlobs.link(capture(task)))()).toEqual([1, true]);
  });
});

describe("perWorker", () => {
  const made: string[] = [];
  const count = (what: string): number => made.push(what);

  test("makes the thing at the first call and keeps it", () => {
    const thing = perWorker(() => ({ n: count("here") }));
    expect(made).not.toContain("here");
    expect(thing()).toBe(thing());
    expect(made.filter((what) => what === "here")).toHaveLength(1);
  });

  test("makes it once in a worker, for all the functions that use it", async () => {
    await using remote = new Remote();
    const counter = perWorker(() => ({ n: 0 }));
    const one = (by: number): number => {
      counter().n += by;
      return counter().n;
    };
    const two = (): number => counter().n;
    expect(await remote.run(one, [5])).toBe(5);
    expect(await remote.run(one, [2])).toBe(7);
    expect(await remote.run(two)).toBe(7);
    expect(counter().n).toBe(0);
  });

  test("tries again after a failure, also of a promise", async () => {
    await using remote = new Remote();
    const tries = perWorker(() => ({ n: 0 }));
    const flaky = perWorker(() => {
      tries().n++;
      if (tries().n < 2) throw new Error("not yet");
      return "up";
    });
    const later = perWorker(async () => {
      await Promise.resolve();
      tries().n++;
      if (tries().n < 4) throw new Error("not yet either");
      return "up, later";
    });
    await expect(remote.run(() => flaky())).rejects.toThrow("not yet");
    expect(await remote.run(() => flaky())).toBe("up");
    await expect(remote.run(async () => await later())).rejects.toThrow("not yet either");
    expect(await remote.run(async () => await later())).toBe("up, later");
    expect(await remote.run(() => tries().n)).toBe(4);
  });

  test("holds what cannot be sent", async () => {
    const schema = perWorker(() => z.object({ a: z.number() }));
    expect(await new LinkHere().run((x: object) => schema().parse(x), { a: 1 })).toEqual({ a: 1 });
  });
});

describe("a worker process", () => {
  const remote = new Remote();
  afterAll(() => remote[Symbol.asyncDispose]());

  test("keeps classes one between tasks", async () => {
    class Account {
      readonly id: number;
      constructor(id: number) {
        this.id = id;
      }
    }
    const kept = perWorker(() => new Set<unknown>());
    await remote.run(() => void kept().add(new Account(3)));
    const check = (): unknown => [...kept()].map((a) => a instanceof Account && a.id);
    expect(await remote.run(check)).toEqual([3]);
  });

  test("runs 1,000 closures of one arrow with one code module", async () => {
    const make = (n: number) => () => n;
    const results = await Promise.all(Array.from({ length: 1000 }, (_v, i) => remote.run(make(i))));
    expect(results).toEqual(Array.from({ length: 1000 }, (_v, i) => i));
  });
});
