import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { isLambdaskError, type LambdaskError } from "../../src/base/errors.ts";
import { blobsOf, capture } from "../../src/code/capture.ts";
import { LinkHere } from "./support/link-here.ts";

/** The refusal of `fn`. */
function refusal(fn: (...args: never[]) => unknown, where: string = "bag.map"): LambdaskError {
  try {
    capture(fn, { where });
  } catch (error) {
    if (isLambdaskError(error, "CANNOT_SHIP")) return error;
    throw error;
  }
  throw new Error("it was captured");
}

describe("a capture is a snapshot", () => {
  test("variables and data count as they are at the call", async () => {
    const here = new LinkHere();
    const list = [1];
    let n = 1;
    const task = (): unknown => [n, list];
    const linked = await here.ship(task);
    list.push(2);
    n = 2;
    expect(linked()).toEqual([1, [1]]);
    expect(await here.run(task)).toEqual([2, [1, 2]]);
  });

  test("large data is copied at the call, and stored once by content", () => {
    const floats = new Float64Array(20_000).fill(1);
    const one = capture(() => floats);
    const same = capture(() => floats.length);
    floats[0] = 2;
    const other = capture(() => floats);
    expect(one.blobs).toHaveLength(1);
    expect(same.blobs).toEqual(one.blobs);
    expect(other.blobs).not.toEqual(one.blobs);
    const [bytes = new Uint8Array()] = blobsOf(one).values();
    expect(bytes.byteLength).toBe(160_000);
    expect(new Float64Array(bytes.buffer)[0]).toBe(1);
    expect(one.capturedBytes).toBe(160_000);
    expect(one.graph.byteLength).toBeLessThan(1000);
  });

  test("a graph of many objects is stored data too", async () => {
    const rows = Array.from({ length: 5000 }, (_v, i) => ({ id: i, name: `row ${i}` }));
    const task = (i: number): unknown => [rows[i]?.name, rows.length];
    expect(capture(task).graph.byteLength).toBeLessThan(1000);
    expect(await new LinkHere().run(task, 7)).toEqual(["row 7", 5000]);
  });
});

describe("one text is one code module", () => {
  test("1,000 closures of one arrow", () => {
    const makeAdder = (n: number) => (x: number) => x + n;
    const shipped = Array.from({ length: 1000 }, (_v, i) => capture(makeAdder(i)));
    expect(new Set(shipped.map(({ modules }) => modules[0])).size).toBe(1);
    expect(new Set(shipped.map(({ id }) => id)).size).toBe(1000);
  });

  test("a function that captures nothing is captured once", () => {
    const task = (x: number): number => Math.abs(x) * 2;
    expect(capture(task)).toBe(capture(task));
    const extended = Object.assign(task, { extra: 1 });
    expect(new TextDecoder().decode(capture(extended).graph)).toContain("extra");
  });

  test("facts for people", () => {
    const task = (x: number): number => x;
    const { name, definedAt } = capture(task);
    expect(name).toBe("task");
    expect(definedAt).toMatch(/^test\/code\/capture\.test\.ts:\d+:\d+$/);
    expect(capture(Math.max)).toMatchObject({ name: "max", definedAt: "built in" });
  });
});

describe("a refusal", () => {
  test("names the call, the path, the place and the way out", () => {
    const context = { deep: [{ emitter: new WeakMap() }] };
    const task = (): unknown => context.deep[0]?.emitter;
    const error = refusal(task);
    expect(error.message).toMatch(
      /^bag\.map: cannot send `context\.deep\[0\]\.emitter` to a worker/,
    );
    expect(error.message).toMatch(
      /\n {2}function task \(test\/code\/capture\.test\.ts:\d+:\d+\)\n/,
    );
    expect(error.message).toMatch(
      /└ variable `context` \(used at test\/code\/capture\.test\.ts:\d+:33\)/,
    );
    expect(error.fix).toBe("use a Map or Set, or make it inside the function");
    expect(error.data).toMatchObject({ path: "context.deep[0].emitter" });
  });

  test("names each function on the way", () => {
    const store = { cache: new WeakMap() };
    const helper = (): unknown => store.cache;
    expect(refusal(() => helper()).data["path"]).toBe("helper › store.cache");
  });

  test.each(["lazy", "client"])("of this library's own %s handles says what to do", (kind) => {
    class Handle {
      get [Symbol.for(`lambdask.${kind}`)](): never {
        throw new Error("the getter ran");
      }
    }
    const handle = new Handle();
    const { fix } = refusal(() => handle);
    expect(fix).toMatch(kind === "lazy" ? /pass it as an argument/ : /call the client outside/);
  });

  test("of a callable lazy", () => {
    const lazy = Object.assign(() => 1, { [Symbol.for("lambdask.lazy")]: true });
    expect(refusal(() => lazy).fix).toMatch(/pass it as an argument/);
    expect(refusal(lazy).message).toContain("it is a lazy value");
  });

  test("comes before any of the user's code runs", () => {
    let runs = 0;
    const proxy = new Proxy(
      {},
      {
        get: () => runs++,
        getPrototypeOf: () => {
          runs++;
          return null;
        },
        ownKeys: () => {
          runs++;
          return [];
        },
      },
    );
    const table = { list: [1, proxy] };
    expect(refusal(() => table).data["path"]).toBe("table.list[1]");
    expect(runs).toBe(0);
  });

  test("of anything but a function", () => {
    expect(() => capture(3 as unknown as () => void, { where: "bag.map" })).toThrow(
      "bag.map: expected a function, got 3",
    );
  });

  test("of a class that is Node's, and of a subclass of it", () => {
    class Bus extends EventTarget {}
    const bus = new Bus();
    const signal = AbortSignal.abort();
    expect(refusal(() => bus).message).toContain("an instance of EventTarget");
    expect(refusal(() => signal).message).toContain("an instance of AbortSignal");
    const emitter = new EventEmitter();
    expect(() => capture(() => emitter)).not.toThrow();
  });
});
