/**
 * Three million flights: read from Parquet by row group, exchanged so that each airport's flights meet, summed up,
 * joined with the airports' names, and ranked. What comes out is checked against figures that DuckDB made.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fromSequence } from "../../src/bag.ts";
import { compute } from "../../src/index.ts";
import { dataFile, type Flight, readAirports, readFlights, rowGroupsOf } from "./read-flights.ts";

interface AirportSummary {
  readonly iata: string;
  readonly flights: number;
  readonly delay: number;
  readonly median: number;
  readonly late: number;
}

const lateMinutes = 15;

function summary(iata: string, flights: readonly Flight[]): AirportSummary {
  const delays = Float64Array.from(flights, (flight) => flight.delay).sort();
  return {
    iata,
    flights: flights.length,
    delay: delays.reduce((sum, delay) => sum + delay, 0),
    median: delays[Math.floor((delays.length - 1) / 2)] ?? 0,
    late: delays.filter((delay) => delay > lateMinutes).length,
  };
}

const rowGroups = await rowGroupsOf(dataFile("flights-3m.parquet"));
const flights = fromSequence(rowGroups, { partitions: rowGroups.length })
  .map(readFlights)
  .flatten();

const airports = flights
  .groupBy((flight) => flight.origin, { partitions: 8 })
  .map(([iata, group]) => summary(iata, group))
  .join(
    fromSequence(readAirports(), { partitions: 1 }),
    (sums) => sums.iata,
    (airport) => airport.iata,
  )
  .map(([sums, { name, state }]) => ({ ...sums, name, state }));

const months = flights.foldBy(
  (flight) => flight.month,
  (total, { distance, delay }) => ({
    flights: total.flights + 1,
    distance: total.distance + distance,
    worst: Math.max(total.worst, delay),
  }),
  {
    initial: { flights: 0, distance: 0, worst: Number.NEGATIVE_INFINITY },
    combine: (a, b) => ({
      flights: a.flights + b.flights,
      distance: a.distance + b.distance,
      worst: Math.max(a.worst, b.worst),
    }),
  },
);

const busiest = airports.topk(10, { key: (airport) => airport.flights });
const [top, all, byMonth] = await compute(busiest, airports, months);

console.table(
  top.map(({ iata, name, state, flights: n, median, late }) => ({
    airport: `${iata} ${name}, ${state}`,
    flights: n,
    "median delay": median,
    "late %": Number(((100 * late) / n).toFixed(1)),
  })),
);
console.table(
  byMonth
    .toSorted(([a], [b]) => a - b)
    .map(([month, { flights: n, distance, worst }]) => ({
      month,
      flights: n,
      "million miles": Math.round(distance / 1e6),
      "worst delay": worst,
    })),
);

const figures = JSON.parse(
  readFileSync(new URL("./reference/figures.json", import.meta.url), "utf8"),
) as Readonly<{ tool: string; totals: { flights: number }; airports: unknown; months: unknown }>;
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
assert.deepEqual(
  {
    flights: sum(all.map((airport) => airport.flights)),
    delay: sum(all.map((airport) => airport.delay)),
    distance: sum(byMonth.map(([, month]) => month.distance)),
    late: sum(all.map((airport) => airport.late)),
    origins: all.length,
  },
  figures.totals,
);
assert.deepEqual(
  all.toSorted((a, b) => (a.iata < b.iata ? -1 : 1)),
  figures.airports,
);
assert.deepEqual(
  byMonth.toSorted(([a], [b]) => a - b).map(([month, figure]) => ({ month, ...figure })),
  figures.months,
);
console.log(
  `checked: ${figures.totals.flights.toLocaleString("en")} flights from ${all.length} airports, equal to the figures of ${figures.tool}`,
);
