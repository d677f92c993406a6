import { execFileSync } from "node:child_process";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { fromSequence } from "../../src/bag.ts";
import { nameOfBytes } from "../../src/base/content-name.ts";
import { delayed, isLambdaskError, isLazy, tokenize } from "../../src/index.ts";
import { errorOf, sharedClient } from "./support.ts";
import { tokenValues } from "./token-values.ts";

const client = sharedClient({ inline: true });

const strictly = (value: unknown): string => tokenize(value, { strict: true });

function tokensHere(backwards: boolean): Record<string, string> {
  const entries = Object.entries(tokenValues(backwards));
  return Object.fromEntries(entries.map(([name, value]) => [name, strictly(value)]));
}

describe("tokens", () => {
  test("are 32 hexadecimal digits, and differ for values that differ", () => {
    const tokens = tokensHere(false);
    const names = new Map<string, string>();
    for (const [name, token] of Object.entries(tokens)) {
      expect(token).toMatch(/^[0-9a-f]{32}$/);
      expect(`${names.get(token) ?? ""} = ${name}`).toBe(` = ${name}`);
      names.set(token, name);
    }
    expect(names.size).toBeGreaterThan(60);
  });

  test("are the same in another process that put members in backwards", () => {
    const program = path.join(import.meta.dirname, "token-program.ts");
    const output = execFileSync(process.execPath, [program], { encoding: "utf8" });
    const there: unknown = JSON.parse(output);
    expect(there).toEqual(tokensHere(false));
    expect(there).toEqual(tokensHere(true));
  });

  test("are the same in a task", async () => {
    const token = delayed((value: unknown) => tokenize(value, { strict: true }));
    const value = { b: new Set([2, 1]), a: new Date(0) };
    expect(await token(value).compute()).toBe(strictly({ a: new Date(0), b: new Set([1, 2]) }));
  });

  test("of copies are the same, shared or not", () => {
    const part = { n: [1] };
    expect(strictly([part, part])).toBe(strictly([{ n: [1] }, { n: [1] }]));
    expect(strictly(structuredClone(tokenValues(false)["ring"]))).toBe(
      strictly(tokenValues(true)["ring"]),
    );
  });

  test("of cycles do not depend on where in a Set they are met first", () => {
    const pair = (): [a: object, b: object] => {
      const a: Record<string, unknown> = { name: "a" };
      const b = { name: "b", a };
      a["b"] = b;
      return [a, b];
    };
    expect(strictly(new Set(pair()))).toBe(strictly(new Set(pair().toReversed())));
  });

  test("of functions follow code and captured values, not names and spaces", () => {
    const by = (step: number): ((x: number) => number) => {
      return (x) => x + step;
    };
    const spaced = (step: number): ((y: number) => number) => {
      // biome-ignore format: the spaces are the point
      return (x)  =>  x   + step;
    };
    expect(strictly(by(1))).toBe(strictly(spaced(1)));
    expect(strictly(by(1))).not.toBe(strictly(by(2)));
  });

  test("of a large value take a blink, however often its parts are shared", () => {
    let value: unknown = [1];
    for (let i = 0; i < 200; i++) value = [value, value];
    expect(strictly(value)).toMatch(/^[0-9a-f]{32}$/);
    const numbers = Array.from({ length: 100_000 }, (_, i) => ({ i }));
    expect(strictly(numbers)).toBe(strictly(numbers.map(({ i }) => ({ i }))));
  });

  test("are the same however deep the value is, and tell deep values apart", () => {
    for (const levels of [900, 1001, 100_000]) {
      let value: unknown = 1;
      let text = "n1;";
      for (let i = 0; i < levels; i++) {
        value = [value];
        text = `#${nameOfBytes(`[1:${text}`)}`;
      }
      expect(strictly(value)).toBe(nameOfBytes(`1|${text}`));
    }
    const mixed = (bottom: unknown): unknown => {
      let value = bottom;
      for (let i = 0; i < 20_000; i++) {
        value = [{ b: i, a: value }, new Map([["k", value]]), new Set([value])][i % 3];
      }
      return value;
    };
    expect(strictly(mixed(1))).toBe(strictly(mixed(1)));
    expect(strictly(mixed(1))).not.toBe(strictly(mixed(2)));
    expect(() => strictly(mixed(Symbol("s")))).toThrow(/value\[…\].*symbol of its own/);
  });

  test("of deep records and errors are made by a program that has just started, whose frames are large", () => {
    const program = `
      import { tokenize } from ${JSON.stringify(new URL("../../src/index.ts", import.meta.url).href)};
      const nested = (wrap) => {
        let value = 1;
        for (let i = 0; i < 100_000; i++) value = wrap(value);
        return value;
      };
      console.log(tokenize(nested((a) => ({ a }))));
      console.log(tokenize(nested((cause) => new Error("x", { cause }))).length);`;
    const words = ["--input-type=module", "--eval", program];
    let text = "n1;";
    for (let i = 0; i < 100_000; i++) text = `#${nameOfBytes(`{{1:s1:a${text}`)}`;
    expect(execFileSync(process.execPath, words, { encoding: "utf8" })).toBe(
      `${nameOfBytes(`1|${text}`)}\n32\n`,
    );
  });

  test("of cycles that are too long or too entangled are refused by a limit", () => {
    const ring: unknown[] = [];
    let last: unknown = ring;
    for (let i = 0; i < 5000; i++) last = [last];
    ring.push(last);
    expect(() => strictly(ring)).toThrow(expect.objectContaining({ code: "LIMIT" }));
    const all: object[] = [];
    for (let i = 0; i < 12; i++) all.push({ i, all });
    expect(() => strictly(all.map((each) => ({ each, all })))).not.toThrow();
    const everyone = Array.from({ length: 12 }, (): object[] => []);
    for (const one of everyone) for (const other of everyone) if (other !== one) one.push(other);
    expect(() => strictly(everyone)).toThrow(/too entangled/);
  });
});

describe("tokens of lazies", () => {
  const add = delayed((a: number, b: number) => a + b);
  const dice = delayed(() => Math.random(), { pure: false });

  test("are shared by equal pure calls, their members and methods, and not by impure ones", () => {
    expect(strictly(add(1, 2))).toBe(strictly(add(1, 2)));
    expect(strictly(add(1, 2))).not.toBe(strictly(add(2, 1)));
    expect(strictly(add(1, add(2, 3)))).toBe(strictly(add(1, add(2, 3))));
    const words = delayed(["a", "b"]);
    expect(strictly(words.length)).toBe(strictly(words.length));
    expect(strictly(words.join("-"))).toBe(strictly(words.join("-")));
    expect(strictly(words.join("-"))).not.toBe(strictly(words.join("+")));
    expect(tokenize(dice())).not.toBe(tokenize(dice()));
  });

  test("stay what they are when the work is persisted", async () => {
    const sum = add(3, 4);
    using kept = await sum.persist();
    expect(strictly(kept)).toBe(strictly(sum));
    const bag = fromSequence([1, 2]).map((n) => n + 1);
    expect(strictly(bag)).not.toBe(strictly(fromSequence([1, 2]).map((n) => n + 2)));
  });

  test("take chains of any length", () => {
    let chain = add(0, 1);
    for (let i = 0; i < 10_000; i++) chain = add(chain, 1);
    expect(strictly(chain)).toMatch(/^[0-9a-f]{32}$/);
  });

  test("strictly are refused where the name of the work is of this run only", () => {
    const future = client.current.submit((n: number) => n, 1);
    for (const value of [future, dice(), add(1, dice()), delayed((x: unknown) => x)([future])]) {
      expect(() => strictly({ value })).toThrow(/value\.value: work with a future or an impure/);
      expect(tokenize(value)).toBe(tokenize(value));
    }
  });
});

describe("what has no identity by content", () => {
  class Secretive {
    readonly #hidden = 1;
    get hidden(): number {
      return this.#hidden;
    }
  }
  const things: [string, object | symbol, RegExp][] = [
    ["a symbol", Symbol("own"), /a symbol of its own/],
    ["a WeakMap", new WeakMap(), /an instance of WeakMap/],
    ["a Promise", Promise.resolve(1), /an instance of Promise/],
    ["an AbortController", new AbortController(), /an instance of AbortController/],
    ["private fields", new Secretive(), /class Secretive, whose private fields/],
    ["a Proxy", new Proxy({}, {}), /a Proxy has no identity/],
  ];

  test.each(things)("(%s) is refused strictly, by its path", (_what, thing, message) => {
    const error = (() => {
      try {
        return strictly({ list: [1, { thing }] });
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(isLambdaskError(error, "NOT_DATA")).toBe(true);
    expect(String(error)).toContain("tokenize: value.list[1].thing: ");
    expect(String(error)).toMatch(message);
  });

  test.each(things)("(%s) is else told apart by which it is", (_what, thing) => {
    expect(tokenize({ thing })).toBe(tokenize({ thing }));
    expect(tokenize({ thing })).not.toBe(tokenize({ thing: Symbol("other") }));
  });

  test("a function that cannot be captured is refused with the reason as cause", async () => {
    const socket = new WeakMap<object, number>();
    const uses = (key: object): number | undefined => socket.get(key);
    const error = await errorOf(() => strictly([uses]));
    expect(String(error)).toContain("tokenize: value[0]: the function uses has no identity");
    expect(error).toMatchObject({ cause: { code: "CANNOT_SHIP" } });
    expect(tokenize(uses)).toBe(tokenize(uses));
  });
});

test("isLazy tells collections and futures from everything else", () => {
  const future = client.current.submit(() => 1);
  for (const lazy of [delayed(1), delayed(() => 1)(), fromSequence([1]), future]) {
    expect(isLazy(lazy)).toBe(true);
  }
  for (const other of [1, null, undefined, "a", [delayed(1)], () => 1, delayed(() => 1), {}]) {
    expect(isLazy(other)).toBe(false);
  }
});

test("options of tokenize are checked", () => {
  expect(() => tokenize(1, { strickt: true } as object)).toThrow(/unknown option "strickt"/);
  expect(() => tokenize(1, { strict: 1 } as never)).toThrow(/tokenize: strict/);
});
