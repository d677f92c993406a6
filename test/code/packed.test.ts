import { describe, expect, test } from "vitest";
import { capture } from "../../src/code/capture.ts";
import { LinkHere } from "./support/link-here.ts";
import { Remote } from "./support/remote.ts";

class Money {
  readonly #cents: number;
  readonly #tags: Set<string>;
  constructor(cents: number, tags: Iterable<string> = []) {
    this.#cents = cents;
    this.#tags = new Set(tags);
  }
  plus(other: Money): Money {
    return new Money(this.#cents + other.#cents, [...this.#tags, ...other.#tags]);
  }
  show(): string {
    return `${this.#cents} ${[...this.#tags]}`;
  }
  static [Symbol.for("lambdask.pack")](money: Money): unknown {
    return { cents: money.#cents, tags: money.#tags };
  }
  static [Symbol.for("lambdask.unpack")]({ cents, tags }: { cents: number; tags: Set<string> }) {
    return new this(cents, tags);
  }
}

class Tip extends Money {
  kind(): string {
    return "tip";
  }
}

describe("an instance with private fields travels as its class packs it", () => {
  test("to another process, where instances stay instances of the one class", async () => {
    await using remote = new Remote();
    const price = new Money(250, ["a"]);
    const basket = { items: [price, price], tip: new Tip(50, ["t"]) };
    const total = (more: number): unknown => {
      const [one, two] = basket.items;
      const sum = price.plus(basket.tip).plus(new Money(more));
      return [sum.show(), one === two, basket.tip instanceof Tip, basket.tip.kind()];
    };
    const expected = ["303 a,t", true, true, "tip"];
    expect(total(3)).toEqual(expected);
    expect(await remote.run(total, [3])).toEqual(expected);
  });

  test("and counts for the identity by what was packed", () => {
    const idWith = (money: Money): string => capture(() => money.show()).id;
    expect(idWith(new Money(1))).toBe(idWith(new Money(1)));
    expect(idWith(new Money(1))).not.toBe(idWith(new Money(2)));
  });
});

describe("what cannot be packed is refused", () => {
  test("without the hooks, with their names", () => {
    class Closed {
      readonly #x: number = 1;
      get(): number {
        return this.#x;
      }
    }
    const closed = new Closed();
    expect(() => capture(() => closed.get())).toThrow(
      /`closed`.*private fields \(#x\)[\s\S]*fix: give Closed static methods \[Symbol\.for\("lambdask\.pack"\)\]/,
    );
  });

  test("with one of the two hooks", () => {
    class Half {
      readonly n: number = 1;
      static [Symbol.for("lambdask.pack")](): number {
        return 1;
      }
    }
    const half = new Half();
    expect(() => capture(() => half)).toThrow(/class Half can pack it but not unpack it/);
  });

  test("when packing throws, or gives the instance itself", () => {
    class Broken {
      readonly n: number = 1;
      static [Symbol.for("lambdask.pack")](one: Broken): unknown {
        if (one instanceof Looped) return { one };
        throw new Error("out of paper");
      }
      static [Symbol.for("lambdask.unpack")](data: unknown): unknown {
        return data;
      }
    }
    class Looped extends Broken {}
    const [broken, looped] = [new Broken(), new Looped()];
    expect(() => capture(() => broken)).toThrow(/`broken`.*could not pack it: Error: out of paper/);
    expect(() => capture(() => looped)).toThrow(/`looped`.*holds the instance itself/);
  });

  test("and a class that makes no instance of it is a mismatch in the worker", async () => {
    class Lost {
      readonly n: number = 1;
      static [Symbol.for("lambdask.pack")](): number {
        return 1;
      }
      static [Symbol.for("lambdask.unpack")](): number {
        return 2;
      }
    }
    const lost = new Lost();
    await expect(new LinkHere().run(() => lost)).rejects.toMatchObject({ code: "MISMATCH" });
  });
});
