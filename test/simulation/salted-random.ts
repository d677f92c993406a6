import { type Random, seededRandom } from "../../src/base/seeded-random.ts";

/** Random numbers whose streams are split as they were when the seeds that tests name found something: never change it. */
export function saltedRandom(seed: number): Random {
  const split = (salt: number): Random => saltedRandom(Math.imul(seed ^ 0x5bd1e995, 31) + salt);
  return { ...seededRandom(seed), split };
}
