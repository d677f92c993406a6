/**
 * A pipeline of delayed calls: three files are read at once, cleaned, joined and summed up, each step a plain function.
 * Nothing runs before `compute`, and what two results share runs once.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compute, delayed } from "../src/index.ts";

interface Car {
  readonly name: string;
  readonly gallonMiles: number;
  readonly origin: string;
}

type Row = Readonly<Record<string, unknown>>;

/** Where the package lies: a function that is sent to a worker is no part of this module there, but keeps its values. */
const packageUrl = import.meta.resolve("vega-datasets");

const load = delayed((name: string): Row[] => {
  const file = fileURLToPath(new URL(`../data/${name}`, packageUrl));
  return JSON.parse(readFileSync(file, "utf8"));
});

const cleanCars = delayed((rows: Row[]): Car[] =>
  rows
    .filter((row) => row["Miles_per_Gallon"] !== null)
    .map((row) => ({
      name: String(row["Name"]),
      gallonMiles: Number(row["Miles_per_Gallon"]),
      origin: String(row["Origin"]),
    })),
);

const meanOf = delayed((cars: readonly Car[], origin: string) => {
  const miles = cars.filter((car) => car.origin === origin).map((car) => car.gallonMiles);
  return { origin, cars: miles.length, mean: miles.reduce((a, b) => a + b, 0) / miles.length };
});

const best = delayed((cars: readonly Car[]) =>
  cars.reduce((a, b) => (b.gallonMiles > a.gallonMiles ? b : a)),
);

const countRows = delayed((...files: Row[][]) => files.map((rows) => rows.length));

const cars = cleanCars(load("cars.json"));
const means = ["USA", "Europe", "Japan"].map((origin) => meanOf(cars, origin));
const sizes = countRows(load("cars.json"), load("movies.json"), load("penguins.json"));

const [perOrigin, winner, counts] = await compute(means, best(cars), sizes);

console.table(perOrigin.map((row) => ({ ...row, mean: Number(row.mean.toFixed(2)) })));
console.log(`best: ${winner.name} with ${winner.gallonMiles} miles per gallon`);
console.log(`rows read: ${counts.join(", ")}`);

// Counted with Python in the files of vega-datasets 3.2.1.
assert.deepEqual(counts, [406, 3201, 344]);
assert.deepEqual(
  perOrigin.map(({ origin, cars: count }) => [origin, count]),
  [
    ["USA", 249],
    ["Europe", 70],
    ["Japan", 79],
  ],
);
assert.equal(winner.gallonMiles, 46.6);
console.log(`checked: ${counts[0]} cars, ${counts[1]} movies, ${counts[2]} penguins`);
