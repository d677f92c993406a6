import { describe, expect, test } from "vitest";
import { isLambdaskError } from "../../src/base/errors.ts";
import {
  type PeopleOptions,
  people,
  type TimeseriesOptions,
  timeseries,
} from "../../src/datasets.ts";
import { errorOf, sharedClient } from "../client/support.ts";

const client = sharedClient({ inline: true });
void client;

describe("made-up people", () => {
  test("have the fields of Dask's make_people, with names as in JavaScript", async () => {
    const [person] = await people({ count: 1 }).compute();
    expect(person).toEqual({
      age: expect.any(Number) as unknown,
      name: [expect.stringMatching(/^[A-Z]/), expect.stringMatching(/^[A-Z]/)],
      occupation: expect.stringMatching(/^[A-Z]/) as unknown,
      telephone: expect.stringMatching(/^\d{3}-555-01\d{2}$/) as unknown,
      address: {
        address: expect.stringMatching(/^\d+ [A-Z]/) as unknown,
        city: expect.stringMatching(/^[A-Z]/) as unknown,
      },
      creditCard: {
        number: expect.stringMatching(/^4\d{3} \d{4} \d{4} \d{4}$/) as unknown,
        expirationDate: expect.stringMatching(/^(0[1-9]|1[0-2])\/\d{2}$/) as unknown,
      },
    });
  });

  test("are the same in any number of partitions, and in part or whole", async () => {
    const whole = await people({ count: 1500, partitions: 1, seed: 3 }).compute();
    expect(whole).toHaveLength(1500);
    for (const partitions of [2, 7, 32, 2000]) {
      const bag = people({ count: 1500, partitions, seed: 3 });
      expect(bag.partitions).toBe(partitions);
      expect(await bag.compute()).toEqual(whole);
    }
    const fewer = await people({ count: 40, partitions: 3, seed: 3 }).compute();
    expect(fewer).toEqual(whole.slice(0, 40));
  });

  test("are others for another seed: no two seeds have a person in common", async () => {
    const seen = new Set<string>();
    for (const seed of [0, 1, 2, 2 ** 32 - 1]) {
      for (const person of await people({ count: 1000, seed }).compute()) {
        seen.add(JSON.stringify(person));
      }
    }
    expect(seen.size).toBe(4000);
  });

  test("are of all ages alike", async () => {
    const ages = await people({ count: 12_100, seed: 5 })
      .map((person) => person.age)
      .compute();
    const counts = new Array<number>(121).fill(0);
    for (const age of ages) counts[age] = (counts[age] ?? 0) + 1;
    // Chi-squared with 120 degrees of freedom: mean 120, standard deviation 15.5; five of them is one in a million.
    const spread = counts.reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0);
    expect(spread).toBeGreaterThan(120 - 5 * 15.5);
    expect(spread).toBeLessThan(120 + 5 * 15.5);
  });

  test("have card numbers with a true check digit", async () => {
    const cards = await people({ count: 500 })
      .map((person) => person.creditCard.number)
      .compute();
    for (const card of cards) {
      const digits = [...card.replaceAll(" ", "")].map(Number).reverse();
      const sum = digits.map((digit, i) =>
        i % 2 === 0 ? digit : ([0, 2, 4, 6, 8, 1, 3, 5, 7, 9][digit] ?? 0),
      );
      expect(sum.reduce((a, b) => a + b) % 10).toBe(0);
    }
  });

  test("may be none, and more partitions than people", async () => {
    expect(await people({ count: 0 }).compute()).toEqual([]);
    expect(await people({ count: 2, partitions: 5 }).compute()).toHaveLength(2);
  });
});

describe("a made-up series", () => {
  test("has by default a moment a second for thirty days, as Dask's has, and is made when it is computed", () => {
    expect(timeseries().partitions).toBe(30);
    expect(timeseries().explain()).toContain("30 tasks");
  });

  test("has its moments from the start to before the end, evenly", async () => {
    const options = { start: "2026-01-01", end: new Date("2026-01-01T00:00:10Z"), everyMs: 3000 };
    const moments = await timeseries(options).compute();
    expect(moments.map(({ timestamp }) => timestamp.toISOString())).toEqual([
      "2026-01-01T00:00:00.000Z",
      "2026-01-01T00:00:03.000Z",
      "2026-01-01T00:00:06.000Z",
      "2026-01-01T00:00:09.000Z",
    ]);
    expect(await timeseries({ start: "2026-01-01", end: "2026-01-01" }).compute()).toEqual([]);
  });

  test("is the same in any number of partitions", async () => {
    const options = { end: "2000-01-02", everyMs: 60_000, seed: 9 };
    const whole = await timeseries({ ...options, partitions: 1 }).compute();
    expect(whole).toHaveLength(1440);
    for (const partitions of [2, 7, 32]) {
      expect(await timeseries({ ...options, partitions }).compute()).toEqual(whole);
    }
  });

  test("has values as Dask's: x and y even from -1 to 1, id around 1000, 26 names", async () => {
    const moments = await timeseries({ end: "2000-01-02", everyMs: 4320 }).compute();
    const count = moments.length;
    expect(count).toBe(20_000);
    const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / count;
    for (const axis of ["x", "y"] as const) {
      const values = moments.map((moment) => moment[axis]);
      expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(1);
      // Of numbers even in [-1, 1): mean 0 ± 1/√(3n), mean of squares 1/3 ± √(4/45n); five deviations.
      expect(Math.abs(mean(values))).toBeLessThan(5 / Math.sqrt(3 * count));
      expect(Math.abs(mean(values.map((x) => x * x)) - 1 / 3)).toBeLessThan(
        5 * Math.sqrt(4 / 45 / count),
      );
    }
    const ids = moments.map(({ id }) => id);
    expect(ids.every(Number.isInteger)).toBe(true);
    expect(Math.abs(mean(ids) - 1000)).toBeLessThan((5 * 31.7) / Math.sqrt(count));
    const variance = mean(ids.map((id) => (id - 1000) ** 2));
    expect(Math.abs(variance - 1000)).toBeLessThan(5 * 1000 * Math.sqrt(2 / count));
    expect(new Set(moments.map(({ name }) => name)).size).toBe(26);
  });
});

describe("wrong options", () => {
  test.each<[string, () => unknown]>([
    ["datasets.people: count", () => people({ count: -1 })],
    ["datasets.people: count", () => people({ count: 2 ** 32 + 1 })],
    ["datasets.people: partitions", () => people({ partitions: 0 })],
    ["datasets.people: seed", () => people({ seed: 1.5 })],
    ['datasets.people: unknown option "sed"', () => people({ sed: 1 } as PeopleOptions)],
    ["datasets.timeseries: start", () => timeseries({ start: "soon" })],
    [
      "datasets.timeseries: end: expected a time that is not before start",
      () => timeseries({ end: "1999-01-01" }),
    ],
    [
      "datasets.timeseries: everyMs: expected a whole number of at least 1",
      () => timeseries({ everyMs: 0 }),
    ],
    [
      "datasets.timeseries: everyMs: expected at most",
      () => timeseries({ start: "1900-01-01", everyMs: 1 }),
    ],
    ["datasets.timeseries: seed", () => timeseries({ seed: 2 ** 32 })],
    ["datasets.timeseries: start", () => timeseries({ start: 7 } as unknown as TimeseriesOptions)],
  ])("%s", async (text, call) => {
    const error = await errorOf(call);
    expect(isLambdaskError(error, "BAD_ARGUMENT")).toBe(true);
    expect(String(error)).toContain(text);
  });
});
