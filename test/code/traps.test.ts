import { describe, expect, test } from "vitest";
import { LinkHere } from "./support/link-here.ts";

const here = new LinkHere();

describe("classes", () => {
  test("a method that was replaced, as decorators do, is the replaced one", async () => {
    class Greeter {
      hi(): string {
        return "hi";
      }
      get loud(): string {
        return "HI";
      }
    }
    const { hi } = Greeter.prototype;
    Greeter.prototype.hi = function (this: Greeter) {
      return `decorated ${hi.call(this)}`;
    };
    Object.defineProperty(Greeter.prototype, "loud", { get: () => "LOUD", configurable: true });
    expect(await here.run(() => [new Greeter().hi(), new Greeter().loud])).toEqual([
      "decorated hi",
      "LOUD",
    ]);
  });

  test("a method and a static that were added later are there", async () => {
    class Plain {
      readonly plain: number = 1;
      static count = 1;
      static label: string;
    }
    Plain.count = 5;
    Plain.label = "late";
    Object.assign(Plain.prototype, { late: () => "late method" });
    const task = (): unknown => [Plain.count, Plain.label, Reflect.get(new Plain(), "late")()];
    expect(await here.run(task)).toEqual([5, "late", "late method"]);
  });

  test("a base class that is named nowhere but in extends is found", async () => {
    const make = (): (() => string) => {
      class Base {
        who(): string {
          return "base";
        }
      }
      class Derived extends Base {}
      return () => new Derived().who();
    };
    expect(await here.run(make())).toBe("base");
  });

  test("a class is built once, although its base class refers to it", async () => {
    class Shape {
      double(): Shape[] {
        return [new Round(), new Round()];
      }
    }
    class Round extends Shape {}
    const task = (): unknown => {
      const [one] = new Shape().double();
      return [one instanceof Round, one instanceof Shape, one?.constructor === Round];
    };
    expect(await here.run(task)).toEqual([true, true, true]);
  });

  test("what a static initialiser calls is complete when it runs", async () => {
    const table = { a: [1, 2, 3] };
    const total = (): number => table.a.reduce((x, y) => x + y, 0);
    class Summed {
      readonly plain: number = 1;
      static #start = total();
      static read(): number {
        return Summed.#start + total();
      }
    }
    expect(await here.run(() => Summed.read())).toBe(12);
  });

  test("a class that holds itself, and two that hold each other", async () => {
    class Left {
      readonly plain: number = 1;
      static self: unknown = Left;
      static other: unknown;
    }
    class Right {
      readonly plain: number = 1;
      static other: unknown = Left;
    }
    Left.other = Right;
    const task = (): unknown => [Left.self === Left, Left.other === Right, Right.other === Left];
    expect(await here.run(task)).toEqual([true, true, true]);
  });

  test("old-style inheritance", async () => {
    interface Old {
      n: number;
    }
    type Maker = new (n: number) => Old & { base(): number; own(): number };
    const Base = function (this: Old, n: number) {
      this.n = n;
    } as unknown as Maker;
    Base.prototype.base = function (this: Old) {
      return this.n;
    };
    const Sub = function (this: Old, n: number) {
      Reflect.apply(Base as unknown as () => void, this, [n + 1]);
    } as unknown as Maker;
    Sub.prototype = Object.create(Base.prototype as object, {
      constructor: { value: Sub, configurable: true, writable: true },
    }) as object;
    Sub.prototype.own = function (this: Old) {
      return this.n * 10;
    };
    Object.setPrototypeOf(Sub, Base);
    const made = new Sub(1);
    const task = (): unknown => {
      const fresh = new Sub(4);
      return [fresh.base(), fresh.own(), made.own(), made instanceof Base, made instanceof Sub];
    };
    expect(await here.run(task)).toEqual([5, 50, 20, true, true]);
  });

  test("instanceof holds between tasks of one worker", async () => {
    class Point {
      readonly x: number = 1;
    }
    const make = await here.ship(() => new Point());
    const isPoint = await here.ship((p: unknown) => p instanceof Point);
    expect(isPoint(make())).toBe(true);
  });
});

describe("data", () => {
  test("a list of 100,000 links", async () => {
    interface Link {
      next?: Link;
    }
    const first: Link = {};
    let last = first;
    for (let i = 1; i < 100_000; i++) {
      last.next = {};
      last = last.next;
    }
    const count = (): number => {
      let n = 0;
      for (let at: Link | undefined = first; at; at = at.next) n++;
      return n;
    };
    expect(await here.run(count)).toBe(100_000);
  });

  test("instances of subclasses of built-in classes keep their inside", async () => {
    class Names extends Set<string> {
      joined(): string {
        return [...this].join("+");
      }
    }
    class Day extends Date {
      year(): number {
        return this.getUTCFullYear();
      }
    }
    class Failure extends AggregateError {
      readonly code: number = 7;
    }
    const names = Object.assign(new Names(["a", "b"]), { extra: 1 });
    const day = new Day(0);
    const failure = new Failure([new Error("inner")], "outer", { cause: { why: 1 } });
    const task = (): unknown => [
      names.joined(),
      names.extra,
      names instanceof Names,
      day.year(),
      failure.code,
      failure.message,
      (failure.errors[0] as Error).message,
      failure.cause,
      failure instanceof AggregateError,
    ];
    const expected = ["a+b", 1, true, 1970, 7, "outer", "inner", { why: 1 }, true];
    expect(await here.run(task)).toEqual(expected);
  });

  test("what is one thing here is one thing there", async () => {
    const shared = { n: 1 };
    const list = [shared, shared];
    const table = new Map<object, object>([[shared, list]]);
    const buffer = new ArrayBuffer(16);
    const views = [new Uint8Array(buffer, 4, 8), new DataView(buffer)] as const;
    const task = (): unknown => {
      views[1].setUint8(4, 9);
      return [list[0] === list[1], table.get(shared) === list, views[0][0], views[0].length];
    };
    expect(await here.run(task)).toEqual([true, true, 9, 8]);
  });

  test("keys, attributes and odd values", async () => {
    const odd = Object.defineProperties(
      {},
      {
        hidden: { value: 1, enumerable: false },
        computed: { get: () => 5, enumerable: true },
        [Symbol.for("tag")]: { value: 2, enumerable: true },
      },
    ) as { hidden: number; computed: number };
    const proto = JSON.parse('{ "__proto__": 1, "constructor": 2 }') as object;
    const half = "\ud800 half";
    const long = `${half}${"x".repeat(70_000)}`;
    const task = (): unknown => [
      Object.keys(odd),
      odd.hidden,
      odd.computed,
      Reflect.get(odd, Symbol.for("tag")),
      Object.keys(proto),
      Object.getPrototypeOf(proto) === Object.prototype,
      half,
      long.length,
      long.charCodeAt(0),
      new Date(Number.NaN).getTime(),
    ];
    expect(await here.run(task)).toEqual([
      ["computed"],
      1,
      5,
      2,
      ["__proto__", "constructor"],
      true,
      "\ud800 half",
      70_006,
      0xd800,
      Number.NaN,
    ]);
  });

  test("long arrays keep holes, -0, NaN and extra properties", async () => {
    const numbers = Array.from({ length: 600 }, (_v, i) => i);
    numbers[1] = -0;
    numbers[2] = Number.NaN;
    const words = Array.from({ length: 600 }, (_v, i): string | null => (i % 2 ? `w${i}` : null));
    const holes = Array.from({ length: 600 }, (_v, i) => i);
    delete holes[3];
    const extra = Object.assign(
      Array.from({ length: 600 }, (_v, i) => i),
      { note: "n" },
    );
    const task = (): unknown => [
      Object.is(numbers[1], -0),
      numbers[2],
      words[599],
      words[598],
      3 in holes,
      holes[4],
      extra.note,
      numbers.length + words.length + holes.length + extra.length,
    ];
    expect(await here.run(task)).toEqual([true, Number.NaN, "w599", null, false, 4, "n", 2400]);
  });

  test("frozen objects that hold each other", async () => {
    const left: { other?: object } = {};
    const right = Object.freeze({ other: left });
    left.other = right;
    Object.freeze(left);
    const sealed = Object.seal([1]);
    const task = (): unknown => [
      left.other === right,
      right.other === left,
      Object.isFrozen(left),
      Object.isSealed(sealed),
    ];
    expect(await here.run(task)).toEqual([true, true, true, true]);
  });
});

describe("names", () => {
  test("variables that are called like what the code modules use", async () => {
    const [$made, $given, $base, found, module] = [1, 2, 3, 4, 5];
    const parent = { Class: class {} };
    class Mine extends parent.Class {
      sum(): number {
        return $made + $given + $base + found + module;
      }
    }
    expect(await here.run(() => new Mine().sum())).toBe(15);
  });

  test("a default value does not see the variables of the body", async () => {
    const outer = 1;
    const task = new Function(
      "outer",
      "return function (x = outer) { var outer = 2; return [x, outer]; }",
    )(outer) as () => unknown;
    expect(await here.run(task)).toEqual([1, 2]);
  });

  test("a name that is nowhere may be asked for with typeof", async () => {
    const source = "() => typeof window === 'undefined' ? 'server' : 'browser'";
    const task = new Function(`return ${source}`)() as () => unknown;
    expect(await here.run(task)).toBe("server");
  });
});
