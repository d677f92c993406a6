import { type CaseFunction, CaseList, type MatrixCase } from "./case.ts";

const list = new CaseList();

/** Every kind of scope a variable can be in, and every way a function can be written. */
export const scopeCases: readonly MatrixCase[] = list.cases;

/** What a `try` makes of an error that is thrown in it. */
function thrown(value: unknown): never {
  throw value;
}

list.refused(
  "own name of an enclosing function expression",
  () =>
    (function g(n: number): CaseFunction {
      return () => (n ? typeof g : 0);
    })(3),
  /`g` cannot be read: .*inner name of an enclosing function/,
);
list.works("class name from an inner arrow", () =>
  class A {
    static k = 5;
    plain = 1;
    static make(): CaseFunction {
      return () => A.k;
    }
  }.make(),
);
list.works("inner name of a class expression", () =>
  class Inner {
    plain = 1;
    static make(): CaseFunction {
      return () => Inner.name;
    }
  }.make(),
);
list.works("catch parameter", () => {
  try {
    return thrown({ v: 7 });
  } catch (error) {
    const { v } = error as { v: number };
    return () => [v, (error as { v: number }).v];
  }
});
list.works("let in a switch", () => {
  switch (Number("3")) {
    case 3: {
      const sv = 4;
      return () => sv;
    }
    default:
      return () => 0;
  }
});
list.works("parameter beside a var of the body", () =>
  ((a: number, get: CaseFunction = () => a): CaseFunction => {
    const inner = (): CaseFunction => {
      const a = 10;
      return () => [get(), a];
    };
    return inner();
  })(1),
);
list.works("parameter and var of one name", () =>
  new Function("return ((a, get = () => a) => { var a = 10; return () => [a, get()]; })(1)")(),
);
list.works("rest and destructured parameters", () =>
  (
    ({ x: { y = 4 } = {} }: { x?: { y?: number } } = {}, ...r: number[]): CaseFunction =>
    () => [y, r]
  )(undefined, 1, 2),
);
list.works("for-in constant", () => {
  for (const k in { q: 1 }) return () => k;
  return () => "";
});
list.works("for-of destructuring", () => {
  for (const [a, { b }] of [[1, { b: 2 }]] as const) return () => a + b;
  return () => 0;
});
list.works("constant of a loop's body", () => {
  const made: CaseFunction[] = [];
  for (let i = 3; i < 4; i++) {
    const square = i * i;
    made.push(() => square + i);
  }
  return made[0] ?? (() => 0);
});
list.works("function in a block", () => {
  {
    function inBlock(): number {
      return 3;
    }
    return () => inBlock();
  }
});
list.works("variable of an async function", async () => {
  const z = await Promise.resolve(6);
  return () => z;
});
list.works("variable of a generator", () => {
  const running = (function* (): Generator<CaseFunction> {
    const z = 8;
    yield () => z;
  })();
  return running.next().value as CaseFunction;
});
list.works(
  "field arrow without this",
  () =>
    new (class {
      k = 3;
      f: CaseFunction = (
        (c: number) => (x: number) =>
          x + c
      )(4);
    })().f,
  [1],
);
list.works("variable of a static block", () => {
  let out: CaseFunction = () => 0;
  class S {
    plain = 1;
    static {
      const zz = 9;
      out = () => zz;
    }
  }
  new S();
  return out;
});
list.works("getter as function", () => {
  const hidden = 4;
  const object = {
    get g(): number {
      return hidden;
    },
  };
  return Object.getOwnPropertyDescriptor(object, "g")?.get ?? (() => 0);
});
list.works(
  "method of a prototype",
  () =>
    class {
      m(x: number): number {
        return x + 1;
      }
    }.prototype.m,
  [2],
);
list.works(
  "method with computed name",
  () =>
    ({
      ["a".concat("b")](x: number): number {
        return x * 2;
      },
    })["ab"] ?? (() => 0),
  [4],
);
list.works(
  "async method",
  () =>
    ({
      async m(x: number): Promise<number> {
        return x * 2;
      },
    }).m,
  [4],
);
list.works(
  "method with a string for a name",
  () =>
    ({
      "we ird"(x: number): number {
        return x;
      },
    })["we ird"],
  [4],
);
list.works(
  "method with a number for a name",
  () =>
    ({
      12(x: number): number {
        return x;
      },
    })[12],
  [4],
);
list.works(
  "unicode names",
  () =>
    (
      (größe: number) => (x: number) =>
        x * größe
    )(3),
  [2],
);
list.works("escaped names", () => new Function("return ((\\u0061b) => (x) => x * ab)(3)")(), [2]);
list.works(
  "names that are words elsewhere",
  () =>
    (
      (of: number, get: number, set: number, async: number) => (x: number) =>
        x + of + get + set + async
    )(1, 2, 3, 4),
  [2],
);
list.works(
  "names like the emitted ones",
  () => (($made: number, $given: number) => (x: number) => [x, $made, $given])(1, 2),
  [3],
);
interface Link {
  readonly n: Link | null;
}
list.works("list of 3,000 links", () => {
  let first: Link | null = null;
  for (let i = 0; i < 3000; i++) first = { n: first };
  return () => {
    let count = 0;
    for (let at = first; at; at = at.n) count++;
    return count;
  };
});
list.works("mixin as base class", () => {
  class Base {
    base(): string {
      return "b";
    }
  }
  const mix = (base: typeof Base) =>
    class extends base {
      hi(): string {
        return `hi${super.base()}`;
      }
    };
  class Mixed extends mix(Base) {}
  return () => new Mixed().hi();
});
list.works("subclass of Array", () => {
  class Last extends Array<number> {
    last(): number {
      return this.at(-1) ?? 0;
    }
  }
  return () => {
    const l = new Last();
    l.push(1, 2);
    return l.last();
  };
});
class DefaultMap extends Map<number, number> {
  override get(key: number): number {
    return super.get(key) ?? 0;
  }
  twice(key: number): number {
    return this.get(key) * 2;
  }
}
list.works("subclass of Map", () => () => new DefaultMap().get(1));
list.works("instance of a subclass of Map", () => {
  const m = new DefaultMap([[1, 2]]);
  return () => [m.twice(1), m.size, m instanceof DefaultMap];
});
list.works("instance of a subclass of Array", () => {
  class Last extends Array<number> {
    last(): number {
      return this.at(-1) ?? 0;
    }
  }
  const l = Last.from([1, 2, 3]) as Last;
  return () => [l.last(), l.length, l instanceof Last];
});
list.works("function under a symbol", () => {
  const o = { [Symbol.for("x")]: () => 3 };
  return () => o[Symbol.for("x")]?.();
});
list.works("function in a Map", () => {
  const registry = new Map([["a", (x: number): number => x + 1]]);
  return (x: number) => registry.get("a")?.(x);
}, [2]);
list.works(
  "iterator helpers",
  () => () =>
    [1, 2, 3]
      .values()
      .map((x) => x * 2)
      .toArray(),
);
list.works("an iterator nearby that is not used", () => {
  const it = [1].values();
  it.next();
  return () => 1;
});
list.works(
  "static method",
  () =>
    class {
      plain = 1;
      static run(x: number): number {
        return x + 1;
      }
    }.run,
  [3],
);
list.works(
  "function with a toString of its own",
  () =>
    Object.assign((x: number) => x + 1, {
      toString: () => "nope",
    }),
  [3],
);
list.refused(
  "getter that must not run",
  () => {
    let runs = 0;
    const o = {
      get boom(): number {
        runs++;
        throw new Error(`the getter ran ${runs} times`);
      },
      k: 1,
    };
    return () => o.k;
  },
  /`o\.boom › runs`[\s\S]*assigns to `runs`/,
);
