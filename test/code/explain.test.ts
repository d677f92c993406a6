import { sumBy } from "lodash-es";
import { expect, test } from "vitest";
import { capture } from "../../src/code/capture.ts";
import { explainFunction } from "../../src/code/explain-function.ts";
import { perWorker } from "../../src/code/per-worker.ts";
import { secret } from "../../src/code/secret.ts";
import { twice } from "./matrix/helper.ts";

const limits = { low: 1, words: ["a", "b"] };
const floats = new Float64Array(20_000);
const factor = 3;
class Row {
  readonly n: number = 1;
}
const cache = perWorker(() => new Map<number, number>());
const token = secret("LAMBDASK_TEST_TOKEN");
function clean(n: number): number {
  return n * factor + limits.low;
}
const task = (n: number): unknown => [
  clean(n),
  limits.words,
  floats[n],
  new Row(),
  twice(n),
  sumBy([n], (x) => x),
  cache(),
  token(),
];

test("an explanation says what is copied, what is not, and how large it is", () => {
  const explained = explainFunction(task);
  const copied = new Map(explained.copied.map(({ path, what }) => [path, what]));
  expect(copied).toEqual(
    new Map([
      ["the function", "function"],
      ["clean", "function"],
      ["clean › factor", "number"],
      ["limits", "object"],
      ["floats", "Float64Array"],
      ["Row", "class"],
      ["cache", "function"],
    ]),
  );
  const bytes = new Map(explained.copied.map((thing) => [thing.path, thing.bytes]));
  // 20,000 numbers of eight bytes, and some for saying what they are.
  expect(bytes.get("floats")).toBeGreaterThanOrEqual(160_000);
  expect(bytes.get("floats")).toBeLessThan(160_500);
  expect(bytes.get("clean › factor")).toBe(1);
  expect(explained.bytes).toBeGreaterThan(160_000);
  expect(explained.id).toBe(capture(task).id);
  expect(explained.definedAt).toMatch(/^test\/code\/explain\.test\.ts:\d+:\d+$/);
  const references = explained.referenced.map(({ what, identity }) => `${what} ${identity}`);
  expect(references).toEqual(
    expect.arrayContaining([
      "made in the worker ",
      "read in the worker LAMBDASK_TEST_TOKEN",
      expect.stringMatching(/^import local:[0-9a-f]{32}#/),
      expect.stringMatching(/^import npm:lodash-es@[\d.]+\/#/),
    ]),
  );
});

test("and reads as a page", () => {
  const least = 2;
  const isEnough = (x: number): boolean => x >= least;
  const lines = String(explainFunction(isEnough)).split("\n");
  expect(lines).toEqual([
    expect.stringMatching(
      /^function isEnough \(test\/code\/explain\.test\.ts:\d+:\d+\): [\d.]+ (B|KiB) travel, identity [0-9a-f]{32}$/,
    ),
    "  copied",
    expect.stringMatching(/^ {4}the function {2}function {2}[\d.]+ (B|KiB)$/),
    "    least         number    1 B",
  ]);
});

test("what cannot be sent is refused as it would be by a call", () => {
  const map = new WeakMap();
  expect(() => explainFunction(() => map)).toThrow(/^explainFunction: cannot send `map`/);
  expect(() => explainFunction(3 as never)).toThrow("explainFunction: expected a function, got 3");
});
