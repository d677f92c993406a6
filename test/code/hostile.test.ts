import { describe, expect, test } from "vitest";
import { isLambdaskError, type LambdaskError } from "../../src/base/errors.ts";
import { blobsOf, capture } from "../../src/code/capture.ts";
import { perWorker } from "../../src/code/per-worker.ts";
import { LinkHere } from "./support/link-here.ts";
import { Sealed } from "./support/money.ts";
import { ProgramFolder } from "./support/programs.ts";

const here = new LinkHere();

/** Why `fn` is refused. */
function refusal(fn: (...args: never[]) => unknown): LambdaskError {
  try {
    capture(fn, { where: "test" });
  } catch (error) {
    if (isLambdaskError(error, "CANNOT_SHIP")) return error;
    throw error;
  }
  throw new Error("it was captured");
}

describe("static code of a class", () => {
  test("finds the variables of functions that it calls at once", async () => {
    const factor = 3;
    class Table {
      static readonly #scaled = [1, 2].map((n) => n * factor);
      static readonly #one = new Table();
      readonly factor = factor;
      static #late = 0;
      static {
        const load = (): number => factor * 2;
        Table.#late = load();
      }
      static read(): unknown {
        return [Table.#scaled, Table.#one.factor, Table.#late];
      }
    }
    expect(await here.run(() => Table.read())).toEqual([[3, 6], 3, 6]);
  });

  test("sees the name of a class that has none of its own", async () => {
    const Named = class {
      readonly plain: number = 1;
      static readonly #name = this.name;
      static read(): string {
        return Named.#name;
      }
    };
    expect(await here.run(() => Named.read())).toBe("Named");
  });

  test("does not keep a class from being made that extends it", async () => {
    class Base {
      static readonly #made = [1];
      derived(): Base {
        return new Derived();
      }
      static made(): number[] {
        return Base.#made;
      }
    }
    class Derived extends Base {}
    expect(await here.run(() => [new Base().derived() instanceof Derived, Derived.made()])).toEqual(
      [true, [1]],
    );
  });
});

test("classes in a knot: a base class makes what extends its own child", async () => {
  class Top {
    bottom(): number {
      return new Bottom().level();
    }
    level(): number {
      return 1;
    }
  }
  class Middle extends Top {}
  class Bottom extends Middle {
    override level(): number {
      return 3;
    }
  }
  expect(await here.run(() => new Middle().bottom())).toBe(3);
});

describe("private static fields", () => {
  class Registry {
    readonly plain: number = 1;
    static #count = 0;
    static #names: string[] = [];
    static readonly #double = (n: number): number => n * 2;
    static add(name: string): number {
      Registry.#names.push(name);
      return Registry.#double(++Registry.#count);
    }
    static all(): unknown {
      return [Registry.#count, Registry.#names];
    }
  }
  Registry.add("one");

  test("count as they are at the call, and stay apart from the program's", async () => {
    const id = capture(() => Registry.all()).id;
    Registry.add("two");
    const task = (): unknown => [Registry.add("three"), Registry.all()];
    expect(await here.run(task)).toEqual([6, [3, ["one", "two", "three"]]]);
    expect(Registry.all()).toEqual([2, ["one", "two"]]);
    expect(capture(() => Registry.all()).id).not.toBe(id);
  });

  test("can be sent on from where they came to", async () => {
    const worker = new LinkHere();
    const arrived = await worker.ship(() => Registry.all());
    expect(await worker.run(arrived)).toEqual(Registry.all());
    expect(capture(arrived).id).toBe(capture(() => Registry.all()).id);
  });

  test("that hold what cannot be sent are refused", () => {
    class Holder {
      readonly plain: number = 1;
      static readonly #cache = new WeakMap();
      static size(): boolean {
        return Holder.#cache.has({});
      }
    }
    expect(refusal(() => Holder.size()).message).toContain("`Holder.#cache`");
  });
});

describe("members of a class", () => {
  test("a method under another name, in another's place, as a static", async () => {
    class Tool {
      static make: () => number = () => 1;
      one(): number {
        return 11;
      }
      two(): number {
        return 22;
      }
    }
    Object.assign(Tool.prototype, { again: Tool.prototype.one, one: Tool.prototype.two });
    Tool.make = Tool.prototype.two;
    const task = (): unknown => [new Tool().one(), Reflect.get(new Tool(), "again")(), Tool.make()];
    expect(await here.run(task)).toEqual([22, 11, 22]);
  });

  test("a deleted method is refused", () => {
    class Less {
      gone(): number {
        return 1;
      }
    }
    Reflect.deleteProperty(Less.prototype, "gone");
    expect(refusal(() => "gone" in new Less()).message).toContain("`gone`, which the text");
  });

  test("a static that is called name", async () => {
    const Getter = new Function(
      'return class Getter { static get name() { return "a getter" } }',
    )() as { name: string };
    const Static = new Function('return class Static { static name() { return "static" } }')() as {
      name: () => string;
    };
    expect(await here.run(() => [Getter.name, Static.name()])).toEqual(["a getter", "static"]);
  });
});

describe("private members", () => {
  test("of an imported class are seen too", async () => {
    await using folder = await ProgramFolder.make();
    await folder.write({
      "main.ts": `import { Money } from "#support/money.ts";
import { capture } from "#src/code/capture.ts";
const money = new Money(5);
let said = "captured";
try {
  capture(() => money.value());
} catch (error) {
  said = (error as Error).message;
}
console.log(JSON.stringify(said));
`,
    });
    expect(await folder.run("main.ts")).toMatch(/class Money.*private fields \(#cents\)/);
  });

  test("may be methods only, and those of a base class", () => {
    class Base {
      #inner(): number {
        return 1;
      }
      outer(): number {
        return this.#inner();
      }
    }
    class Derived extends Base {}
    const derived = new Derived();
    const sealed = new Sealed();
    expect(refusal(() => derived.outer()).message).toMatch(/class Base.*\(#inner\)/);
    expect(refusal(() => sealed.outer()).message).toMatch(/class Sealed.*\(#inner\)/);
  });
});

describe("things of equal text are not one thing", () => {
  test("two per-worker handles with the same maker", async () => {
    const one = perWorker(() => new Map<string, number>());
    const other = perWorker(() => new Map<string, number>());
    const task = (): number => one().set("a", 1).size;
    expect(await here.run(task)).toBe(1);
    expect(await here.run(() => other().size)).toBe(0);
    expect(await here.run(() => [one().size, one() === other()])).toEqual([1, false]);
  });

  test("classes that a function has made", async () => {
    const make = (): (new () => object) => class Item {};
    const [One, Other] = [make(), make()];
    expect(await here.run(() => new One() instanceof Other)).toBe(false);
    const makeOne = await here.ship(() => new One());
    const isOther = await here.ship((item: unknown) => item instanceof Other);
    const isOne = await here.ship((item: unknown) => item instanceof One);
    expect([isOther(makeOne()), isOne(makeOne())]).toEqual([false, true]);
  });
});

describe("functions", () => {
  test("a declaration whose name has another value by now is refused, an expression is not", async () => {
    const declared = new Function(
      "function count(n) { return n === 0 ? 0 : 1 + count(n - 1) } const first = count;" +
        "count = () => 100; return first",
    )() as (n: number) => number;
    expect(refusal(declared).message).toContain("`count`, which was its own name");
    const count = 7;
    const expression = function count(n: number): number {
      return n === 0 ? 0 : 1 + count(n - 1);
    };
    expect(await here.run((n: number) => expression(n) + count, 3)).toBe(10);
  });

  test("bound functions keep their properties; frozen functions and classes are frozen", async () => {
    const bound = Object.assign(((a: number, b: number) => a + b).bind(null, 1), { unit: "m" });
    const frozen = Object.freeze(Object.assign(() => 1, { tag: 1 }));
    class Closed {
      readonly plain: number = 1;
      static readonly a: number = 1;
    }
    Object.freeze(Closed);
    const task = (): unknown => [
      bound(2),
      bound.unit,
      Object.isFrozen(frozen),
      Object.isFrozen(Closed),
    ];
    expect(await here.run(task)).toEqual([3, "m", true, true]);
  });

  test("what was put on a function's prototype since it was captured counts", async () => {
    const Old = new Function("return function Old() {}")() as new () => { hi(): string };
    const before = capture(Old);
    Old.prototype.hi = () => "hi";
    expect(capture(Old).id).not.toBe(before.id);
    expect(await here.run(() => new Old().hi())).toBe("hi");
  });

  test("a template without expressions is a literal name; options of import() are seen", async () => {
    const options = { with: { type: "json" } } as const;
    const load = new Function(
      "options",
      'return async () => [(await import(`node:path`)).sep, (await import("node:os", options.none)).EOL]',
    )(options) as () => Promise<unknown>;
    expect(await here.run(load)).toEqual(["/", "\n"]);
  });
});

describe("data that would lose something is refused", () => {
  const own = (value: object): object => Object.assign(value, { meta: 1 });
  class Link extends URL {}
  class Store extends ArrayBuffer {}
  const transferred = new ArrayBuffer(8);
  structuredClone(transferred, { transfer: [transferred] });
  const given = (function (..._all: number[]): IArguments {
    // biome-ignore lint/complexity/noArguments: what is tested
    return arguments;
  })(1, 2);
  const table: Record<string, [object, RegExp]> = {
    "a typed array with a property": [own(new Uint8Array(3)), /Uint8Array with properties/],
    "a long typed array with a property": [own(new Uint8Array(3000)), /with properties/],
    "a URL with a property": [own(new URL("http://a.b/")), /URL with properties/],
    "a subclass of URL": [new Link("http://a.b/"), /subclass of URL/],
    "a subclass of ArrayBuffer": [new Store(8), /subclass of ArrayBuffer/],
    "a resizable buffer": [new ArrayBuffer(8, { maxByteLength: 16 }), /resizable/],
    "a transferred buffer": [transferred, /transferred away/],
    "an arguments object": [given, /arguments object/],
    "a hidden symbol": [Object.defineProperty({}, Symbol("own"), { value: true }), /Symbol\(own\)/],
  };

  test.each(Object.entries(table))("%s", (_what, [value, message]) => {
    expect(refusal(() => value).message).toMatch(message);
  });

  test("what inherits from a Proxy, and no trap of it runs", () => {
    let runs = 0;
    const count = (): never => {
      runs++;
      throw new Error("a trap ran");
    };
    const traps = { get: count, getPrototypeOf: count, getOwnPropertyDescriptor: count };
    const object = Object.create(new Proxy({}, traps)) as object;
    expect(refusal(() => object).message).toContain("it inherits from a Proxy");
    expect(runs).toBe(0);
  });
});

test("arrays of nothing but holes and a last element", async () => {
  const far: number[] = [];
  far[4_294_967_294] = 7;
  const task = (): unknown => [far.length, Object.keys(far), far.at(-1)];
  expect(await here.run(task)).toEqual([4_294_967_295, ["4294967294"], 7]);
});

test("an HTML comment in a sloppy function is refused, in a string it is text", async () => {
  expect(refusal(new Function("x", "return x\n<!-- y\n") as () => void).message).toContain(
    "an HTML comment",
  );
  expect(await here.run(() => "<!-- text -->")).toBe("<!-- text -->");
});

test("plain typed arrays, short and long, are captured", () => {
  const views = [new Uint8Array(3), new Float64Array(100_000), Buffer.from("abc")];
  expect(blobsOf(capture(() => views)).size).toBe(1);
});

test("calling a member with and without its object are two things", () => {
  const of = (text: string): unknown => capture(new Function("o", text) as () => unknown).id;
  expect(of("return (0, o.m)()")).not.toBe(of("return o.m()"));
  expect(of("return (0, o)()")).toBe(of("return o()"));
});
