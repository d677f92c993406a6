import { expect } from "vitest";
import { chooseParts } from "../../src/plan/exchange.ts";
import { byRemainder, remainders } from "./by-remainder.ts";
import { apply, cut, type Floats, one, probe } from "./support.ts";

function same(block: Floats): Floats {
  return block;
}

probe("an exchange whose partition count comes from measured bytes", async (place) => {
  const x = await cut([1000], [250]);
  const copied = apply("copy", same, 4, { of: x.expr, by: one });
  const exchanged = byRemainder(copied, (context, input) => {
    const manifest = context.manifest(input.stage);
    return manifest === undefined ? { wait: input } : chooseParts([manifest], context.options);
  });
  // 1000 float64 are 8000 bytes, and each of 4 blocks has less than 200 bytes besides.
  const { values } = await place.run([exchanged], { partBytes: 1000 });
  expect(values[0]).toHaveLength(9);
  expect(values[0]).toEqual(remainders(x.whole, 9));
});
