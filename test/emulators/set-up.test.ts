import { differenceInDays } from "date-fns";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { roundTrips } from "../../src/cli/try-stack.ts";
import {
  annotate,
  type Client,
  type ConnectOptions,
  connect,
  withConfig,
} from "../../src/index.ts";
import { type Cloud, openCloud } from "./cloud.ts";
import { prepared } from "./programs/prepared.ts";

let cloud: Cloud | undefined;
beforeAll(async () => {
  cloud = await openCloud();
});
afterAll(() => cloud?.[Symbol.asyncDispose]());

function open(setUpWorker: NonNullable<ConnectOptions["setUpWorker"]>): Promise<Client> {
  if (cloud === undefined) throw new Error("the cloud is not there yet");
  return connect({ backend: cloud.backend(), progress: "none", setUpWorker });
}

/** A set-up that leaves word in the environment of its worker's process. */
function leaves(word: string): () => Promise<void> {
  return async () => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.env["WORDS"] = `${process.env["WORDS"] ?? ""}${word} `;
  };
}

const words = async (_: number): Promise<string[]> => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  return (process.env["WORDS"] ?? "").trim().split(" ");
};

describe("setUpWorker on Lambda", () => {
  test("runs once in each environment for each client that uses it", async () => {
    await using one = await open(leaves("one"));
    await using two = await open(leaves("two"));
    const seen = { one: [] as string[][], two: [] as string[][] };
    for (const salt of [0, 10, 20]) {
      const numbers = [salt, salt + 1, salt + 2, salt + 3];
      seen.one.push(...(await one.gather(one.map(words, numbers))));
      seen.two.push(...(await two.gather(two.map(words, numbers))));
    }
    const times = (list: string[], word: string): number =>
      list.filter((each) => each === word).length;
    for (const list of seen.one) expect(times(list, "one")).toBe(1);
    for (const list of seen.two) expect(times(list, "two")).toBe(1);
    for (const list of [...seen.one, ...seen.two]) expect(list.length).toBeLessThanOrEqual(2);
  });

  test("sets up the modules of each bundle, whatever else a function imports", async () => {
    await using client = await open(() => {
      prepared.table = [7, 8, 9];
      prepared.times += 1;
    });
    const plain = client.submit((at: number) => [prepared.table[at], prepared.times], 1);
    const dated = client.submit(
      (from: string, to: string) => [prepared.table[differenceInDays(to, from)], prepared.times],
      "2024-02-28",
      "2024-03-01",
    );
    expect(await client.gather([plain, dated])).toEqual([
      [8, 1],
      [9, 1],
    ]);
    expect(prepared).toEqual({ table: [], times: 0 });
  });

  test("that throws fails its tasks with the place in the user's file, and is called again by a retry", async () => {
    await using client = await open(function openDatabase() {
      process.env["OPENED"] = `${process.env["OPENED"] ?? ""}x`;
      if (process.env["OPENED"].length < 3) throw new RangeError("no database");
    });
    const future = client.submit((n: number) => n + 1, 1);
    const error = await future.exception();
    // Another environment may have taken another attempt.
    expect(error).toMatchObject({ code: "SET_UP_FAILED", cause: { message: "no database" } });
    expect(String(error)).toMatch(
      /"openDatabase" failed: RangeError: no database\n +at openDatabase \(.*set-up\.test\.ts:\d+:\d+\)/,
    );
    const tried = client.map((n: number) => n + 2, [1], { retries: 10 });
    expect(await client.gather(tried)).toEqual([3]);
  });

  test("that has no end meets the task's deadline; one that cannot end is found out", async () => {
    await using slow = await open(() => new Promise((resolve) => setTimeout(resolve, 60_000)));
    const late = annotate({ timeoutMs: 1500 }, () => slow.submit((n: number) => n, 1));
    const error = await late.exception();
    expect(error).toMatchObject({ code: "TASK_TIMEOUT" });
    expect(String(error)).toContain("the first task of a worker waits for setUpWorker");
    await using stuck = await open(() => new Promise(() => {}));
    const never = await stuck.submit((n: number) => n, 2).exception();
    expect(never).toMatchObject({ code: "SET_UP_FAILED" });
    expect(String(never)).toContain("its promise can never settle");
  });
});

test("the doctor's own tasks are not set up by the user's functions", async () => {
  const fails = (): never => {
    throw new Error("not of the doctor");
  };
  const { stack = "Builtin", ...place } = cloud?.options ?? {};
  const finding = await withConfig({ setUpWorker: fails, setUpClient: fails }, () =>
    roundTrips({ stack, place }),
  );
  expect(finding.kind).toBe("good");
});
