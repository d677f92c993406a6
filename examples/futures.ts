/**
 * Futures: calls begin at once, and what is ready first is handled first. Primes are counted range by range; a range
 * with many primes is looked at again in halves, as soon as its count is known.
 */
import assert from "node:assert/strict";
import { asCompleted, connect } from "../src/index.ts";

interface Range {
  readonly from: number;
  readonly to: number;
}

function isPrime(n: number): boolean {
  if (n < 2) return false;
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return true;
}

function countPrimes({ from, to }: Range): Range & { readonly primes: number } {
  let primes = 0;
  for (let n = from; n < to; n++) if (isPrime(n)) primes++;
  return { from, to, primes };
}

await using client = await connect({ processes: 2 });

const width = 50_000;
const ranges = Array.from({ length: 20 }, (_, i) => ({ from: i * width, to: (i + 1) * width }));
const densePrimes = 4000;

const done = asCompleted(client.map(countPrimes, ranges));
let total = 0;
let halves = 0;
let inHalves = 0;
for await (const future of done) {
  const { from, to, primes } = await future.result();
  if (to - from < width) {
    inHalves += primes;
    continue;
  }
  total += primes;
  if (primes < densePrimes) continue;
  const middle = (from + to) / 2;
  for (const half of [
    { from, to: middle },
    { from: middle, to },
  ]) {
    halves++;
    done.add(client.submit(countPrimes, half));
  }
}
console.log(`${total} primes below ${ranges.length * width}, ${inHalves} of them counted again`);
// The number of primes below a million: OEIS A006880.
assert.equal(total, 78_498);
console.log(`checked: ${ranges.length} ranges and ${halves} halves`);
