import { describe, expect, test } from "vitest";
import { fromSequence } from "../../src/bag.ts";
import { compute, currentTask, delayed, span, type TaskError } from "../../src/index.ts";
import { sharedClient } from "./support.ts";

const client = sharedClient({ inline: true });
const name = (): string => currentTask()?.name ?? "";
const ask = delayed(name, { name: "ask" });

describe("span", () => {
  test("names the stages of what is written in it, nested too, and no others", async () => {
    const outside = ask();
    const inside = span("load", () => ask());
    const deeper = span("train", () => span("load", () => ask()));
    expect(await compute(outside)).toEqual(["ask"]);
    expect(await compute(inside)).toEqual(["load: ask"]);
    expect(await compute(deeper)).toEqual(["train/load: ask"]);
    expect(inside.explain()).toContain("load: ask");
    const bag = span("count", () => fromSequence([1, 2]).map((n) => n * 2));
    expect(bag.explain()).toMatch(/count: .*map/);
  });

  test("holds in everything asynchronous that its function starts, and apart from others", async () => {
    const askOf = delayed((_label: string) => currentTask()?.name, { name: "ask" });
    const slowly = (label: string, turns: number): Promise<string | undefined> =>
      span(label, async () => {
        for (let turn = 0; turn < turns; turn++)
          await new Promise((resolve) => setImmediate(resolve));
        return client.current.submit(askOf, label).result();
      });
    expect(await Promise.all([slowly("one", 8), slowly("two", 1)])).toEqual([
      "one: ask",
      "two: ask",
    ]);
  });

  test("is in the errors of futures, and keeps their names", async () => {
    const fail = (): number => {
      throw new Error("no");
    };
    const [future] = span("save", () => client.current.map(fail, [1]));
    const error: unknown = await future?.exception();
    expect((error as TaskError).message).toMatch(/^task "save: fail" #0 failed/);
    const plain = delayed((n: number) => n + 1)(1);
    const spanned = span("any", () => delayed((n: number) => n + 1)(1));
    expect(await compute(plain, spanned)).toEqual([2, 2]);
  });

  test("refuses what is no name and no function", () => {
    expect(() => span("", () => 1)).toThrow(/span: name/);
    expect(() => span("x", undefined as never)).toThrow(/span: expected a function/);
    expect(() => span("x", 5 as never)).toThrow(/span: expected a function/);
  });
});
