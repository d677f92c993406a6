import { randomUUID } from "node:crypto";

/** Tells the things of this process apart from those of any other. */
const here = randomUUID();
const numbers = new WeakMap<WeakKey, number>();
let count = 0;

/** A token that `thing` has as long as this process lives, and that nothing else has. */
export function uniqueToken(thing: WeakKey): string {
  let number = numbers.get(thing);
  if (number === undefined) {
    count += 1;
    number = count;
    numbers.set(thing, number);
  }
  return `u${here}/${number};`;
}
