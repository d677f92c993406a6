import { describe, expect, test } from "vitest";
import { Refusals } from "../../src/aws/refusals.ts";

/** Refuses a call each second from `from` to `to`, in seconds. */
function refuse(refusals: Refusals, from: number, to: number): void {
  for (let s = from; s <= to; s++) refusals.refused(s * 1000, "worker");
}

describe("calls that are refused", () => {
  test("now and then are nothing to speak of", () => {
    const said: string[] = [];
    const refusals = new Refusals((message) => said.push(message));
    for (let s = 0; s < 600; s += 50) {
      refuse(refusals, s, s + 40);
      refusals.ended();
    }
    expect(said).toEqual([]);
  });

  test("for a minute without one that is let in are told once, with what to look at", () => {
    const said: string[] = [];
    const refusals = new Refusals((message) => said.push(message));
    refuse(refusals, 0, 59);
    expect(said).toEqual([]);
    refuse(refusals, 60, 300);
    expect(said).toEqual([expect.stringContaining("lambdask doctor")]);
    refusals.ended();
    refuse(refusals, 301, 400);
    expect(said).toHaveLength(2);
  });

  test("with a long pause between are of other work", () => {
    const said: string[] = [];
    const refusals = new Refusals((message) => said.push(message));
    refuse(refusals, 0, 10);
    refuse(refusals, 600, 610);
    expect(said).toEqual([]);
  });
});
