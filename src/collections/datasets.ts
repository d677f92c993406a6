import { checkOptions, wholeNumber } from "../base/check-options.ts";
import { badArgument } from "../base/errors.ts";
import type { Operation } from "../plan/expr.ts";
import { streamMemory } from "../plan/memory-stream.ts";
import { Bag } from "./bag/bag.ts";
import { bagExpr, lowered } from "./bag/bag-expr.ts";
import { partitionsMax } from "./bag/exchange.ts";

/** A made-up person. */
export interface Person {
  /** From 0 to 120. */
  readonly age: number;
  readonly name: readonly [first: string, last: string];
  readonly occupation: string;
  readonly telephone: string;
  readonly address: { readonly address: string; readonly city: string };
  readonly creditCard: { readonly number: string; readonly expirationDate: string };
}

/** Which people are made. */
export interface PeopleOptions {
  /** How many; 10,000 by default. */
  readonly count?: number;
  /** 10 by default. */
  readonly partitions?: number;
  /** Other people for another seed, a whole number below 2³²; 0 by default. */
  readonly seed?: number;
}

/** A made-up moment. */
export interface Moment {
  readonly timestamp: Date;
  /** Mean 1000, standard deviation 31.6. */
  readonly id: number;
  /** One of 26. */
  readonly name: string;
  /** From -1 to 1. */
  readonly x: number;
  /** From -1 to 1. */
  readonly y: number;
}

/** Which moments are made. */
export interface TimeseriesOptions {
  /** The first moment; `"2000-01-01"` by default. */
  readonly start?: Date | string;
  /** Moments are before it; `"2000-01-31"` by default. */
  readonly end?: Date | string;
  /** From one moment to the next, in milliseconds; 1000 by default. */
  readonly everyMs?: number;
  /** One per day of the series by default, at most 1000. */
  readonly partitions?: number;
  /** Other values for another seed, a whole number below 2³²; 0 by default. */
  readonly seed?: number;
}

interface DatasetParams {
  readonly count: number;
  readonly partitions: number;
  readonly seed: number;
}

const dayMs = 86_400_000;
const defaultPartitionsMax = 1000;
/** Records follow from a number of 32 bits. */
const numbers = 2 ** 32;

const peopleOperation = dataset("people");
const timeseriesOperation = dataset("timeseries");

/**
 * A bag of made-up people, nested as records of the real world are. They are made in tasks, and are the same for the same
 * `seed` on every machine and in any number of partitions: person `i` follows from the seed and `i` alone.
 * @example
 * ```ts
 * const cities = people({ count: 1000, seed: 7 }).map((person) => person.address.city).frequencies();
 * console.log(await cities.count().compute()); // → 30
 * ```
 */
export function people(options?: PeopleOptions): Bag<Person> {
  const where = "datasets.people";
  const known = checkOptions(where, options, ["count", "partitions", "seed"]);
  const { count = 10_000, partitions = 10 } = known;
  wholeNumber(`${where}: count`, count, { min: 0, max: numbers });
  const params = checked(where, { seed: 0, ...known, count, partitions });
  return new Bag(bagExpr({ operation: peopleOperation, params, partitions }));
}

/**
 * A bag of made-up measurements, one every `everyMs` from `start` to `end`: by default one a second for thirty days,
 * 2,592,000 in 30 partitions. They are made in tasks, and are the same for the same `seed` in any number of partitions.
 * @example
 * ```ts
 * const hours = timeseries({ start: "2026-01-01", end: "2026-01-02", everyMs: 3_600_000 });
 * console.log(await hours.map((moment) => moment.timestamp.getUTCHours()).max().compute()); // → 23
 * ```
 */
export function timeseries(options?: TimeseriesOptions): Bag<Moment> {
  const where = "datasets.timeseries";
  const names = ["start", "end", "everyMs", "partitions", "seed"] as const;
  const known = checkOptions(where, options, names);
  const { start = "2000-01-01", end = "2000-01-31", everyMs = 1000 } = known;
  const startMs = timeOf(`${where}: start`, start);
  const endMs = timeOf(`${where}: end`, end);
  if (endMs < startMs) throw badArgument(`${where}: end`, "a time that is not before start", end);
  wholeNumber(`${where}: everyMs`, everyMs, { min: 1 });
  const count = Math.ceil((endMs - startMs) / everyMs);
  if (count > numbers) {
    throw badArgument(`${where}: everyMs`, `at most ${numbers} moments from start to end`, everyMs);
  }
  const days = Math.ceil((endMs - startMs) / dayMs);
  const { partitions = Math.max(1, Math.min(days, defaultPartitionsMax)), seed = 0 } = known;
  const params = { ...checked(where, { count, partitions, seed }), startMs, everyMs };
  return new Bag(bagExpr({ operation: timeseriesOperation, params, partitions }));
}

function checked(where: string, params: DatasetParams): DatasetParams {
  const { count, partitions, seed } = params;
  wholeNumber(`${where}: partitions`, partitions, { min: 1, max: partitionsMax });
  wholeNumber(`${where}: seed`, seed, { min: 0, max: numbers - 1 });
  return { count, partitions, seed };
}

function timeOf(where: string, value: Date | string): number {
  const isTime = typeof value === "string" || value instanceof Date;
  const timeMs = isTime ? new Date(value).getTime() : Number.NaN;
  if (Number.isNaN(timeMs)) throw badArgument(where, 'a Date or text such as "2026-01-31"', value);
  return timeMs;
}

/** Records that tasks make of nothing but their number. */
function dataset(name: string): Operation<DatasetParams> {
  return {
    name: `datasets.${name}`,
    version: 1,
    lower: (expr, context) => {
      const { partitions } = expr.params;
      return lowered(
        context.emit({
          role: "make",
          kind: "map",
          label: name,
          memory: streamMemory(0, { ends: false }),
          count: partitions,
          slots: [],
          steps: [{ operation: `datasets.${name}`, arguments: [], params: expr.params }],
          layout: { partitions },
        }),
      );
    },
  };
}
