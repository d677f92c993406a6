/**
 * Monte Carlo with a stop rule: the price of an option is estimated from simulated ends of a year, batch by batch, until its
 * standard error is small enough; what was begun beyond that is cancelled. Batches are taken in the order of their number,
 * so the estimate is the same however fast the workers are. It is checked against the formula of Black and Scholes, and
 * against a plain loop that stops by the same rule.
 */
import assert from "node:assert/strict";
import { connect, type Future } from "../../src/index.ts";

const option = { spot: 100, strike: 105, rate: 0.03, volatility: 0.2, years: 1 };
const batchSize = 100_000;
const errorMax = 0.01;
const inFlight = 6;
const batchesMax = 200;

interface Sums {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
}

/** Sums of the discounted payoffs of one batch, whose chance follows from its number. */
function simulate(batch: number): Sums {
  // Mulberry32 (Tommy Ettinger).
  let state = Math.imul(batch + 1, 0x9e3779b1);
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const { spot, strike, rate, volatility, years } = option;
  const drift = (rate - volatility ** 2 / 2) * years;
  const discount = Math.exp(-rate * years);
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < batchSize; i++) {
    // Box and Muller's way to a normal number.
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const end = spot * Math.exp(drift + volatility * Math.sqrt(years) * normal);
    const payoff = discount * Math.max(0, end - strike);
    sum += payoff;
    squares += payoff ** 2;
  }
  return { count: batchSize, sum, squares };
}

function add(a: Sums, b: Sums): Sums {
  return { count: a.count + b.count, sum: a.sum + b.sum, squares: a.squares + b.squares };
}

function estimate({ count, sum, squares }: Sums): {
  readonly price: number;
  readonly error: number;
} {
  const price = sum / count;
  const variance = (squares / count - price ** 2) * (count / (count - 1));
  return { price, error: Math.sqrt(variance / count) };
}

const none: Sums = { count: 0, sum: 0, squares: 0 };

await using client = await connect({ processes: 2, progress: "none" });

let begun = 0;
const running: Future<Sums>[] = [];
const begin = (): void => {
  if (begun < batchesMax) running.push(client.submit(simulate, begun++));
};
for (let i = 0; i < inFlight; i++) begin();

let total = none;
let batches = 0;
for (let next = running.shift(); next !== undefined; next = running.shift()) {
  total = add(total, await next.result());
  batches += 1;
  next.release();
  if (estimate(total).error <= errorMax) break;
  begin();
}
client.cancel(running);

const { price, error } = estimate(total);
console.log(`${price.toFixed(4)} ± ${error.toFixed(4)} from ${batches} batches of ${begun} begun`);

/** The normal distribution function: Abramowitz and Stegun 26.2.17, right to 7.5e-8. */
function normalBelow(x: number): number {
  const t = 1 / (1 + 0.231_641_9 * Math.abs(x));
  const series = [0.319_381_53, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
  const tail = series.reduceRight((sum, factor) => (sum + factor) * t, 0);
  const upper = (Math.exp(-(x ** 2) / 2) / Math.sqrt(2 * Math.PI)) * tail;
  return x >= 0 ? 1 - upper : upper;
}
const { spot, strike, rate, volatility, years } = option;
const spread = volatility * Math.sqrt(years);
const d1 = (Math.log(spot / strike) + (rate + volatility ** 2 / 2) * years) / spread;
const exact = spot * normalBelow(d1) - strike * Math.exp(-rate * years) * normalBelow(d1 - spread);
assert.ok(Math.abs(price - exact) < 4 * error, `the formula says ${exact}`);

let plain = none;
let plainBatches = 0;
do plain = add(plain, simulate(plainBatches++));
while (estimate(plain).error > errorMax);
assert.deepEqual([batches, price], [plainBatches, estimate(plain).price]);
console.log(
  `checked: ${price.toFixed(2)} by ${batches} batches, ${exact.toFixed(2)} by the formula`,
);
