import { describe, expect, test } from "vitest";
import { type Waiting, WaitingCalls } from "../../src/client/waiting-calls.ts";

/** Calls that note that they have begun, after `first`. */
function noted(begun: number[], number: number, first: () => void = () => undefined): Waiting {
  return {
    start: () => {
      first();
      begun.push(number);
    },
    refuse: (error) => {
      throw error;
    },
  };
}

describe("what waits for the end of the turn", () => {
  test("begins then, in its order, 200,000 of them too", async () => {
    const waiting = new WaitingCalls();
    const begun: number[] = [];
    const numbers = Array.from({ length: 200_000 }, (_, i) => i);
    for (const number of numbers) waiting.add(noted(begun, number));
    expect(begun).toEqual([]);
    await Promise.resolve();
    expect(begun).toEqual(numbers);
  });

  test("begins once each if one of it adds more and begins all", async () => {
    const waiting = new WaitingCalls();
    const begun: number[] = [];
    const more = (): void => {
      waiting.add(noted(begun, 3));
      waiting.begin();
    };
    waiting.add(noted(begun, 1, more));
    waiting.add(noted(begun, 2));
    waiting.begin();
    expect(begun).toEqual([2, 3, 1]);
    waiting.add(noted(begun, 4));
    await Promise.resolve();
    expect(begun).toEqual([2, 3, 1, 4]);
  });

  test("that cannot begin is told why, and the rest begins", () => {
    const waiting = new WaitingCalls();
    const begun: number[] = [];
    const refused: unknown[] = [];
    const problem = new Error("no");
    const start = (): void => {
      throw problem;
    };
    waiting.add({ start, refuse: (error) => refused.push(error) });
    waiting.add(noted(begun, 1));
    waiting.begin();
    expect(refused).toEqual([problem]);
    expect(begun).toEqual([1]);
  });
});
