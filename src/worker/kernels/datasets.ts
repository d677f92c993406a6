import type { Kernel, KernelTask } from "../../backend/kernel.ts";
import { type Random, seededRandom } from "../../base/seeded-random.ts";
import { Batches, batchRecords } from "../../chunk/batches.ts";
import {
  cities,
  firstNames,
  lastNames,
  occupations,
  seriesNames,
  streets,
} from "./dataset-words.ts";

/** What both kinds of data are made from. */
interface DatasetParams {
  readonly count: number;
  readonly seed: number;
}

interface SeriesParams extends DatasetParams {
  readonly startMs: number;
  readonly everyMs: number;
}

/** `datasets.people`: the task's share of `params.count` people. */
export const makePeople: Kernel = ({ params, task }) =>
  records(params as DatasetParams, task, person);

/** `datasets.timeseries`: the task's share of `params.count` moments. */
export const makeTimeseries: Kernel = ({ params, task }) => {
  const { startMs, everyMs } = params as SeriesParams;
  return records(params as SeriesParams, task, (random, index) => ({
    timestamp: new Date(startMs + index * everyMs),
    id: aroundThousand(random),
    name: pick(random, seriesNames),
    x: random.next() * 2 - 1,
    y: random.next() * 2 - 1,
  }));
};

/** Each record follows from the seed and its own number alone, so that it is the same in however many parts. */
function records(
  { count, seed }: DatasetParams,
  { index, count: parts }: KernelTask,
  make: (random: Random, index: number) => unknown,
): Batches {
  const end = Math.floor(((index + 1) * count) / parts);
  const base = seededRandom(seed).below(2 ** 32);
  function* batches(): Generator<readonly unknown[]> {
    for (let at = Math.floor((index * count) / parts); at < end; at += batchRecords) {
      const size = Math.min(batchRecords, end - at);
      yield Array.from({ length: size }, (_, i) => make(randomOf(base, at + i), at + i));
    }
  }
  return new Batches(batches());
}

/** Numbers that are next to each other, and series of seeds that are, have nothing in common. */
function randomOf(base: number, index: number): Random {
  return seededRandom(Math.imul(index, 0x9e3779b1) ^ base);
}

function person(random: Random): unknown {
  return {
    age: random.below(121),
    name: [pick(random, firstNames), pick(random, lastNames)],
    occupation: pick(random, occupations),
    // 555-0100 to 555-0199 are nobody's.
    telephone: `${200 + random.below(800)}-555-01${digits(random, 2)}`,
    address: {
      address: `${1 + random.below(1400)} ${pick(random, streets)}`,
      city: pick(random, cities),
    },
    creditCard: { number: cardNumber(random), expirationDate: expiration(random) },
  };
}

/** Mean 1000 and standard deviation √1000, as of a Poisson count, from sums alone: the same on every machine. */
function aroundThousand(random: Random): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random.next();
  return Math.round(1000 + 31.622_776_601_683_793 * sum);
}

/** Sixteen digits, the last of which is the check digit. */
function cardNumber(random: Random): string {
  const first = `4${digits(random, 14)}`;
  let sum = 0;
  for (let i = 0; i < first.length; i++) {
    const doubled = Number(first[i]) * (i % 2 === 0 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  const all = `${first}${(10 - (sum % 10)) % 10}`;
  return [0, 4, 8, 12].map((at) => all.slice(at, at + 4)).join(" ");
}

function expiration(random: Random): string {
  return `${String(1 + random.below(12)).padStart(2, "0")}/${26 + random.below(10)}`;
}

function digits(random: Random, count: number): string {
  return Array.from({ length: count }, () => random.below(10)).join("");
}

function pick(random: Random, from: readonly string[]): string {
  return from[random.below(from.length)] ?? "";
}
