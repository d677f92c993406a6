import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { type Bag, fromSequence } from "../../src/bag.ts";
import { annotate, compute, delayed } from "../../src/index.ts";
import { sharedClient, temporaryFolder } from "../client/support.ts";

const folder = temporaryFolder();
const client = sharedClient({ processes: 1 });
const numbers = Array.from({ length: 30 }, (_, i) => i);

/** What tasks wrote, in order, as their first letters. */
function order(file: string): string {
  return readFileSync(file, "utf8").replaceAll("\n", "");
}

test("annotate({ priority }) has one worker run all of the more urgent tasks first, whatever was written first", async () => {
  const file = path.join(folder.path, "delayed");
  const note = delayed((letter: string, _i: number) => appendFileSync(file, `${letter}\n`));
  const low = numbers.map((i) => note("l", i));
  const high = annotate({ priority: 5 }, () => numbers.map((i) => note("h", i)));
  const middle = annotate({ priority: 1 }, () => numbers.map((i) => note("m", i)));
  const last = annotate({ priority: -1 }, () => numbers.map((i) => note("z", i)));
  await compute(...last, ...low, ...middle, ...high);
  expect(order(file)).toBe(["h", "m", "l", "z"].map((letter) => letter.repeat(30)).join(""));
});

test("the option of compute is the priority of work that says nothing of its own", async () => {
  const file = path.join(folder.path, "own");
  const note = delayed((letter: string, _i: number) => appendFileSync(file, `${letter}\n`));
  const plain = numbers.map((i) => note("p", i));
  const urgent = annotate({ priority: 2 }, () => numbers.map((i) => note("u", i)));
  const idle = annotate({ priority: 0 }, () => numbers.map((i) => note("i", i)));
  await compute(...idle, ...plain, ...urgent, { priority: 1 });
  expect(order(file)).toBe(["u", "p", "i"].map((letter) => letter.repeat(30)).join(""));
});

test("so it is for the parts of bags", async () => {
  const file = path.join(folder.path, "bags");
  const noting = (letter: string): Bag<void> =>
    fromSequence(numbers, { partitions: 30 }).map(() => appendFileSync(file, `${letter}\n`));
  const low = noting("l");
  const high = annotate({ priority: 3 }, () => noting("h"));
  await compute(low, high);
  expect(order(file)).toBe("h".repeat(30) + "l".repeat(30));
});

test("and for futures that wait while the worker is busy", async () => {
  const file = path.join(folder.path, "futures");
  const go = path.join(folder.path, "go");
  const { current } = client;
  const busy = current.submit(async () => {
    while (!existsSync(go)) await new Promise((done) => setTimeout(done, 5));
  });
  const note = (letter: string): void => appendFileSync(file, `${letter}\n`);
  const impure = { pure: false };
  const low = current.map(note, Array(30).fill("l"), impure);
  const high = current.map(note, Array(30).fill("h"), { ...impure, priority: 1 });
  writeFileSync(go, "");
  await current.gather([busy, ...low, ...high]);
  expect(order(file)).toBe("h".repeat(30) + "l".repeat(30));
});
