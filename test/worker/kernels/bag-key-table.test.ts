import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/base/seeded-random.ts";
import { columnOf, valuesOf } from "../../../src/chunk/column.ts";
import { keyText, partOf, textHash } from "../../../src/worker/kernels/bag-key.ts";
import { KeyTable } from "../../../src/worker/kernels/bag-key-table.ts";

const seed = 11;
const alphabets = ["ab", "\u0000\u00ff", "\u0001n", "é字😀", "abcdefghijklmnop"];

/** Texts of every length around where their form in the table changes, many of them equal or nearly so. */
function randomTexts(count: number): string[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const alphabet = alphabets[random.below(alphabets.length)] ?? "";
    const length = random.below(4) === 0 ? random.below(40) : random.below(19);
    let text = "";
    for (let i = 0; i < length; i++) text += alphabet[random.below(alphabet.length)];
    return text;
  });
}

describe("a table of keys", () => {
  test(`numbers texts as a Map does (seed ${seed})`, () => {
    const table = new KeyTable();
    const numbers = new Map<string, number>();
    const texts = randomTexts(60_000);
    for (const text of texts) if (!numbers.has(text)) numbers.set(text, numbers.size);
    const keys = [...numbers.keys()];
    expect(texts.map((text) => table.add(text))).toEqual(texts.map((text) => numbers.get(text)));
    expect(table.size).toBe(keys.length);
    expect(keys.map((_, number) => table.key(number))).toEqual(keys);
    expect(keys.map((text) => table.find(text))).toEqual(keys.map((_, number) => number));
    expect(table.find("not there")).toBe(-1);
    expect([...valuesOf(table.column())]).toEqual(keys);
  });

  test("gives one-byte texts as one column", () => {
    const table = new KeyTable();
    for (const text of ["", "a", "bc", "seventeen letters", "ÿ"]) table.add(text);
    expect(table.column()).toEqual({
      kind: "text",
      text: "abcseventeen lettersÿ",
      lengths: new Uint32Array([0, 1, 2, 17, 1]),
    });
  });

  test("keeps keys of other kinds as they are", () => {
    const keys = [1, "1", 1n, null, undefined, new Date(5), { a: [1] }, "\u0001n1", Number.NaN];
    const table = new KeyTable();
    for (const key of keys) table.add(key);
    expect(table.size).toBe(keys.length);
    expect([...valuesOf(table.column())]).toEqual(keys);
    expect(table.find({ a: [1] })).toBe(6);
    expect(table.find(-0)).toBe(-1);
  });

  test("keeps keys as they were when it met them first, of every kind and at every depth", () => {
    const keys = keysToChange();
    const table = new KeyTable();
    for (const key of keys) table.add(key);
    const [record, list, date, map, bare, named] = keys;
    record.deep.text += "!";
    list[0]?.push("more");
    date.setTime(0);
    map.set("a", [9]);
    bare.x = 9;
    Reflect.set(named, "other", 1);
    expect([...valuesOf(table.column())]).toStrictEqual(keysToChange());
    expect(keysToChange().map((key) => table.find(key))).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

function keysToChange(): readonly [
  { deep: { text: string } },
  string[][],
  Date,
  Map<string, number[]>,
  { x: number },
  object,
] {
  return [
    { deep: { text: "a text that was cut from another" } },
    [["a"], []],
    new Date(5),
    new Map([["a", [1]]]),
    Object.assign(Object.create(null) as object, { x: 1 }),
    JSON.parse('{ "__proto__": { "x": 1 } }') as object,
  ];
}

test("numbers that are keys are told apart as a Map does, among texts", () => {
  const random = seededRandom(seed);
  const odd = [Number.NaN, -0, 0, Number.POSITIVE_INFINITY, 5e-324, 2 ** 53, 0.1 + 0.2, 0.3];
  const keys = Array.from({ length: 5000 }, () => {
    const n = random.below(3) === 0 ? random.below(4000) - 2000 : odd[random.below(odd.length)];
    return random.below(4) === 0 ? `${n}` : n;
  });
  const numbers = new Map<unknown, number>();
  for (const key of keys) if (!numbers.has(key)) numbers.set(key, numbers.size);
  const table = new KeyTable();
  expect(keys.map((key) => table.add(key))).toEqual(keys.map((key) => numbers.get(key)));
  expect(keys.map((key) => table.find(key))).toEqual(keys.map((key) => numbers.get(key)));
  expect([...valuesOf(table.column())].map(String)).toEqual([...numbers.keys()].map(String));
  expect(table.find(0.2)).toBe(-1);
});

test("a column of mixed keys and one of wide texts give them back", () => {
  const odd = [Number.NaN, -0, 0, 5e-324, Number.NEGATIVE_INFINITY, 2 ** 53];
  for (const keys of [["a", "字", ""], ["a", 1], [1, "a"], [1, null], [1, -2], odd, []]) {
    expect([...valuesOf(columnOf(keys))]).toEqual(keys);
  }
});

/** The hash of the stored format, written down again in whole numbers without bounds. */
function hashByBook(text: string): bigint {
  const word = (value: bigint): bigint => BigInt.asUintN(32, value);
  let hash = BigInt(text.length);
  for (let i = 0; i < text.length; i++) {
    hash = word((hash ^ BigInt(text.charCodeAt(i))) * 0x5bd1e995n);
    hash ^= hash >> 15n;
  }
  hash = word((hash ^ (hash >> 15n)) * 0x2c1b3c6dn);
  return hash ^ (hash >> 13n);
}

test("which part a key goes to follows from its text alone", () => {
  expect([1, "1", null, [1, "a"]].map(keyText)).toEqual([
    "\u0001n1",
    "1",
    "\u0001o0",
    "\u0001o[2:n1;s1:a",
  ]);
  for (const text of ["", "the", "a longer key with 29 characters", "字", "\u0001n1"]) {
    const hash = hashByBook(text);
    expect(BigInt(textHash(text) >>> 0)).toBe(hash);
    if (!text.startsWith("\u0001")) expect(partOf(text, 24)).toBe(Number((hash * 24n) >> 32n));
  }
  const near = [1, 10, 100, 1_000_000_000, 2 ** 31].flatMap((n) => [n - 1, n, n + 1, 7 * n]);
  for (const n of [...near, 123_456, -0, -1, 0.5, Number.NaN, 1e21]) {
    const hash = hashByBook(`\u0001n${n}`);
    expect(partOf(n, 2 ** 20)).toBe(Number((hash * 2n ** 20n) >> 32n));
  }
});

test("-0 is 0 at any depth of a key, as it is in a Map", () => {
  const nested = (zero: number): unknown => [
    zero,
    { at: [zero] },
    new Map([["m", zero]]),
    new Set([[zero]]),
  ];
  expect(keyText(nested(-0))).toBe(keyText(nested(0)));
  expect(keyText([-1])).not.toBe(keyText([1]));
});

test("keys spread evenly over parts", () => {
  const counts = new Array<number>(16).fill(0);
  for (let n = 0; n < 16_000; n++) {
    const part = partOf(`user-${n}`, 16);
    counts[part] = (counts[part] ?? 0) + 1;
  }
  // 1,000 expected; six standard deviations of a binomial are 184.
  expect(Math.min(...counts)).toBeGreaterThan(816);
  expect(Math.max(...counts)).toBeLessThan(1184);
});
