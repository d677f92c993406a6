import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { fromSequence } from "../../src/bag.ts";
import { bind, checkpoint, clone, compute, delayed, tokenize, waitOn } from "../../src/index.ts";
import { errorOf, sharedClient, temporaryFolder } from "./support.ts";

const client = sharedClient({ inline: true });
const folder = temporaryFolder();
let log = "";
let logs = 0;

beforeEach(() => {
  log = path.join(folder.path, `${logs++}.txt`);
  writeFileSync(log, "");
});

/** Notes that it has run. */
function note(name: string, file: string): string {
  appendFileSync(file, `${name}\n`);
  return name;
}

const call = delayed(note);
const run = (name: string): ReturnType<typeof call> => call(name, log);
const join = delayed((parts: readonly string[], name: string, file: string) => {
  appendFileSync(file, `${name}\n`);
  return `${name}(${parts.join(",")})`;
});
/** What has run since the last question, in order. */
function ran(): string[] {
  const lines = readFileSync(log, "utf8").split("\n").slice(0, -1);
  writeFileSync(log, "");
  return lines;
}
/** A bag of names; each note is written when its record is made. */
const names = (...items: string[]) =>
  fromSequence(
    items.map((name) => ({ name, log })),
    { partitions: items.length },
  ).map((item) => {
    appendFileSync(item.log, `${item.name}\n`);
    return item.name;
  });

describe("checkpoint", () => {
  test("is null when all that it was given has run, each once", async () => {
    const calls = Array.from({ length: 40 }, (_, i) => run(`call ${i}`));
    const future = client.current.submit(note, "future", log);
    const nested = { map: new Map([["k", [run("deep")]]]), set: new Set([calls[0]]) };
    const done = checkpoint(...calls, names("a", "b", "c"), future, nested);
    expect(await done.compute()).toBe(null);
    const expected = [...calls.map((_, i) => `call ${i}`), "a", "b", "c", "future", "deep"];
    expect(ran().sort()).toEqual(expected.sort());
  });

  test("shares what it waits for with what is computed along", async () => {
    const [first, bag] = [run("first"), names("a", "b")];
    const both = join([first], "both", log);
    expect(await compute(checkpoint(both, bag), both, bag)).toEqual([
      null,
      "both(first)",
      ["a", "b"],
    ]);
    expect(ran().sort()).toEqual(["a", "b", "both", "first"]);
  });

  test("fails with what it waits for", async () => {
    const bad = delayed((text: string): string => {
      throw new RangeError(text);
    });
    const error = await errorOf(() => checkpoint(run("fine"), bad("broken")).compute());
    expect(error).toMatchObject({ code: "TASK_FAILED", cause: { message: "broken" } });
    expect((error as Error).cause).toBeInstanceOf(RangeError);
  });

  test("refuses what holds no collection", () => {
    expect(() => checkpoint(run("a"), 5 as never)).toThrow(
      /checkpoint: argument 2: expected a Delayed/,
    );
    expect(() => checkpoint([])).toThrow(/checkpoint: expected a Delayed/);
  });
});

describe("bind", () => {
  test("runs children after all parents, again under new names", async () => {
    const child = join([run("leaf")], "child", log);
    const parents = [run("parent 1"), { other: run("parent 2") }];
    const bound = bind(child, parents);
    expect(tokenize(bound)).not.toBe(tokenize(child));
    expect(await bound.compute()).toBe("child(leaf)");
    const order = ran();
    expect(order.slice(0, 2).sort()).toEqual(["parent 1", "parent 2"]);
    expect(order.slice(2)).toEqual(["leaf", "child"]);
    await compute(bound, child);
    expect(ran().sort()).toEqual(["child", "child", "leaf", "leaf", "parent 1", "parent 2"]);
  });

  test("lets what is omitted run when it likes, and once", async () => {
    const shared = run("shared");
    const child = join([shared, run("own")], "child", log);
    const bound = bind(child, run("parent"), { omit: shared });
    await compute(bound, shared, child);
    const order = ran();
    expect(order.toSorted()).toEqual(["child", "child", "own", "own", "parent", "shared"]);
    expect(order.lastIndexOf("own")).toBeGreaterThan(order.indexOf("parent"));
    expect(order.lastIndexOf("child")).toBeGreaterThan(order.indexOf("parent"));
  });

  test("holds calls without arguments, members of results and wrapped values", async () => {
    const file = log;
    const first = delayed(() => note("parent", file))();
    const none = delayed(() => note("none", file))();
    const values = { none: none.length, wrapped: delayed([1, 2]).length };
    const bound = bind(values, first);
    expect(await compute(bound.none, bound.wrapped)).toEqual([4, 2]);
    expect(ran()).toEqual(["parent", "none"]);
    await bound.wrapped.compute();
    expect(ran()).toEqual(["parent"]);
  });

  test("holds bags, those of plain data too, and futures can be parents", async () => {
    const parent = client.current.submit(async (file: string) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      appendFileSync(file, "parent\n");
    }, log);
    const bag = names("a", "b", "c");
    expect(await bind(bag, [parent, run("call"), names("x")]).compute()).toEqual(["a", "b", "c"]);
    const order = ran();
    expect(order.slice(0, 3).sort()).toEqual(["call", "parent", "x"]);
    expect(order.slice(3).sort()).toEqual(["a", "b", "c"]);
    expect(await bind(fromSequence([1, 2, 3]), run("before")).compute()).toEqual([1, 2, 3]);
    expect(ran()).toEqual(["before"]);
    expect(await bind(bag, run("before")).frequencies().count().compute()).toBe(3);
    expect(ran()[0]).toBe("before");
  });

  test("makes parents one call with what is computed along, whatever kinds they are", async () => {
    const parent = run("parent");
    const last = join([parent], "last", log);
    const values = await compute(bind(names("a"), parent), last, bind(run("b"), last));
    expect(values).toEqual([["a"], "last(parent)", "b"]);
    const order = ran();
    expect(order.toSorted()).toEqual(["a", "b", "last", "parent"]);
    expect(order[0]).toBe("parent");
    expect(order.indexOf("b")).toBeGreaterThan(order.indexOf("last"));
  });

  test("holds a bag that a delayed call takes, and kept results", async () => {
    const bag = names("a", "b");
    const child = join(bag, "child", log);
    expect(await bind(child, run("parent")).compute()).toBe("child(a,b)");
    expect(ran()).toEqual(["parent", "a", "b", "child"]);
    using keptBag = await bag.persist();
    using keptCall = await run("kept").persist();
    ran();
    expect(await compute(bind(keptBag, run("p1")), bind(keptCall, run("p2")))).toEqual([
      ["a", "b"],
      "kept",
    ]);
    expect(ran().sort()).toEqual(["p1", "p2"]);
  });

  test("holds totals of bags and their parts as delayed values, and takes them as parents", async () => {
    const bag = names("a", "b");
    const [count, part] = [bag.count(), bag.toDelayed()[1]] as const;
    const parent = bag.map((name) => name.length).sum();
    expect(await bind(count, parent).compute()).toBe(2);
    const order = ran();
    // First the bag for its parent, then the bag again.
    expect([order.slice(0, 2).sort(), order.slice(2).sort()]).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
    expect(await compute(bind([count, part], parent))).toEqual([[2, ["b"]]]);
    const again = ran();
    expect([again.slice(0, 2).sort(), again.slice(2).sort()]).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
    const [later, list] = waitOn(count, bag);
    expect(await compute(later, list, checkpoint(bag.count()), clone(bag.count()))).toEqual([
      2,
      ["a", "b"],
      null,
      2,
    ]);
    expect(ran().sort()).toEqual(["a", "a", "b", "b"]);
    using kept = await bag.count().persist();
    expect(await bind(kept, run("before")).compute()).toBe(2);
    expect(ran().sort()).toEqual(["a", "b", "before"]);
  });

  test("names by the seed and the parents", () => {
    const [a, b] = [run("a"), run("b")];
    const token = (seed: number, parent = b): string => tokenize(bind(a, parent, { seed }));
    expect(token(1)).toBe(token(1));
    expect(token(1)).not.toBe(token(2));
    expect(token(1)).not.toBe(token(1, run("c")));
    expect(tokenize(bind(a, b))).not.toBe(tokenize(bind(a, b)));
    const bag = fromSequence([1]);
    expect(tokenize(bind(bag, b, { seed: 1 }))).toBe(tokenize(bind(bag, run("b"), { seed: 1 })));
    expect(tokenize(bind(bag, b, { seed: 1 }))).not.toBe(tokenize(bind(bag, a, { seed: 1 })));
  });

  test("without parents clones", async () => {
    const one = run("one");
    expect(await compute(one, bind(one, []))).toEqual(["one", "one"]);
    expect(ran()).toEqual(["one", "one"]);
  });

  test("fails if a parent does, and runs no child", async () => {
    const bad = delayed((): string => {
      throw new Error("no");
    });
    expect(await errorOf(() => bind(run("child"), bad()).compute())).toMatchObject({
      code: "TASK_FAILED",
    });
    expect(await errorOf(() => bind(names("child"), bad()).compute())).toMatchObject({
      code: "TASK_FAILED",
    });
    expect(ran()).toEqual([]);
  });

  test("refuses futures as children, and wrong options", () => {
    const future = client.current.submit(() => 1);
    expect(() => bind(future, run("a"))).toThrow(/bind: a future has begun already/);
    expect(() => bind(run("a"), 5 as never)).toThrow(/bind: parents: expected a Delayed/);
    expect(() => bind(run("a"), run("b"), { sead: 1 } as object)).toThrow(/unknown option "sead"/);
    expect(() => bind(run("a"), run("b"), { seed: {} as never })).toThrow(/bind: seed/);
  });
});

describe("waitOn", () => {
  test("gives each value on when all are there, and runs nothing twice", async () => {
    const [left, right] = [run("left"), names("a", "b")];
    const [leftLater, rightLater] = waitOn(left, right);
    const next = join([leftLater], "next", log);
    expect(await compute(next, rightLater, left, right)).toEqual([
      "next(left)",
      ["a", "b"],
      "left",
      ["a", "b"],
    ]);
    const order = ran();
    expect(order.toSorted()).toEqual(["a", "b", "left", "next"]);
    expect(order.at(-1)).toBe("next");
  });

  test("keeps containers, and turns futures into delayed values", async () => {
    const future = client.current.submit(note, "future", log);
    const later = waitOn({ list: [run("a"), future] as const, map: new Map([["k", run("b")]]) });
    const [a, b] = later.list;
    expect(await compute(a, b, [later.map.get("k")])).toEqual(["a", "future", ["b"]]);
    expect(ran().sort()).toEqual(["a", "b", "future"]);
    const one = waitOn(run("one"));
    expect(await one.length.compute()).toBe(3);
  });
});

describe("clone", () => {
  test("runs again beside the original, sharing within itself", async () => {
    const root = run("root");
    const sides = [join([root], "left", log), join([root], "right", log)];
    const copies = clone(sides);
    expect(await compute(sides, copies)).toEqual([
      ["left(root)", "right(root)"],
      ["left(root)", "right(root)"],
    ]);
    expect(ran().sort()).toEqual(["left", "left", "right", "right", "root", "root"]);
    const [l, r] = clone(...(sides as [(typeof sides)[0], (typeof sides)[0]]));
    expect(await compute(l, r)).toEqual(["left(root)", "right(root)"]);
    expect(ran().sort()).toEqual(["left", "right", "root"]);
  });

  test("leaves out what is omitted, and all below it", async () => {
    const root = run("root");
    const middle = join([root], "middle", log);
    const end = join([middle], "end", log);
    await compute(
      end,
      clone(end, { omit: middle }),
      clone(end, { omit: [join([root], "middle", log)] }),
    );
    expect(ran().sort()).toEqual(["end", "end", "end", "middle", "root"]);
    expect(clone(end, { omit: end })).toBe(end);
  });

  test("clones bags, also inside delayed calls, with omitted bags left as they are", async () => {
    const bag = names("a", "b");
    expect(await compute(bag, clone(bag))).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
    expect(ran().sort()).toEqual(["a", "a", "b", "b"]);
    const child = join(bag, "child", log);
    await compute(bag, clone(child), clone(child, { omit: bag }));
    expect(ran().sort()).toEqual(["a", "a", "b", "b", "child", "child"]);
    const longer = bag.map((name) => `${name}!`);
    expect(await compute(bag, clone(longer, { omit: bag }))).toEqual([
      ["a", "b"],
      ["a!", "b!"],
    ]);
    expect(ran().sort()).toEqual(["a", "b"]);
  });

  test("of what is bound to a bag makes the parents again too, but for those omitted", async () => {
    const bag = names("a", "b");
    const bound = bind(run("child"), bag);
    expect(await compute(bound, clone(bound), clone(bound, { omit: bag }))).toEqual([
      "child",
      "child",
      "child",
    ]);
    expect(ran().sort()).toEqual(["a", "a", "b", "b", "child", "child", "child"]);
    const parent = run("parent");
    const boundBag = bind(bag, parent);
    expect(await compute(boundBag, clone(boundBag), clone(boundBag, { omit: parent }))).toEqual([
      ["a", "b"],
      ["a", "b"],
      ["a", "b"],
    ]);
    const order = ran();
    expect(order.toSorted()).toEqual(["a", "a", "a", "b", "b", "b", "parent", "parent"]);
  });

  test("keeps lists that can be taken apart, and does not run kept results again", async () => {
    const two = delayed((file: string) => [note("x", file), note("y", file)] as const, { nout: 2 });
    const [x, y] = clone(two(log));
    expect(await compute(x, y)).toEqual(["x", "y"]);
    ran();
    using kept = await run("kept").persist();
    ran();
    expect(await clone(kept).compute()).toBe("kept");
    expect(ran()).toEqual([]);
  });

  test("is named by its seed", () => {
    const [one, bag] = [run("one"), names("a")];
    for (const lazy of [one, bag]) {
      expect(tokenize(clone(lazy, { seed: "s" }))).toBe(tokenize(clone(lazy, { seed: "s" })));
      expect(tokenize(clone(lazy, { seed: "s" }))).not.toBe(tokenize(clone(lazy, { seed: "t" })));
      expect(tokenize(clone(lazy, { seed: 1 }))).not.toBe(tokenize(clone(lazy, { seed: "1" })));
      expect(tokenize(clone(lazy))).not.toBe(tokenize(clone(lazy)));
      const twice = clone(clone(lazy, { seed: 1 }), { seed: 1 });
      expect(tokenize(twice)).not.toBe(tokenize(clone(lazy, { seed: 1 })));
    }
  });

  test("of chains of any length works", async () => {
    let chain = run("0");
    const inc = delayed((text: string) => String(Number(text) + 1));
    for (let i = 0; i < 3000; i++) chain = inc(chain);
    expect(await clone(chain).compute()).toBe("3000");
    expect(await bind(chain, run("parent")).compute()).toBe("3000");
    expect(ran()).toEqual(["0", "parent", "0"]);
  });
});
