import { expect } from "vitest";
import { byRemainder, remainders } from "./by-remainder.ts";
import { cut, probe } from "./support.ts";

probe("two-stage exchange", async (place) => {
  const x = await cut([600], [60]);
  const { values, stages } = await place.run([byRemainder(x.expr, () => 30)], {
    directPartsMax: 8,
  });
  expect(stages.map((stage) => [stage.kind, stage.count, stage.parts])).toEqual([
    ["data", 10, undefined],
    // 30 parts: 6 fine ones in each of 5 coarse; 10 producers: 3 groups of 4.
    ["exchange", 10, 5],
    ["exchange", 15, 6],
    ["map", 30, undefined],
  ]);
  expect(values[0]).toEqual(remainders(x.whole, 30));
});
