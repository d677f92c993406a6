import { expect } from "vitest";
import { chunkKey } from "../../src/backend/chunk-key.ts";
import { chooseParts } from "../../src/plan/exchange.ts";
import { byRemainder, remainders } from "./by-remainder.ts";
import { apply, cut, one, probe, range } from "./support.ts";

function count(values: number[]): number {
  return values.length;
}

probe("the same expression under 10 and under 40 partitions shares no key", async (place) => {
  const x = await cut([4000], [1000]);
  const exchanged = byRemainder(x.expr, (context, input) => {
    const manifest = context.manifest(input.stage);
    return manifest === undefined ? { wait: input } : chooseParts([manifest], context.options);
  });
  const keys = async (parts: number): Promise<string[]> => {
    // 4000 float64 are 32,000 bytes, in 4 blocks of less than 200 bytes besides.
    const { values, stages } = await place.run([exchanged], { partBytes: 32_800 / parts });
    expect(values[0]).toEqual(remainders(x.whole, parts));
    const made = stages.filter((stage) => stage.kind !== "data");
    expect(made.map((stage) => stage.count)).toEqual([4, parts]);
    return made.flatMap((stage) => range(stage.count).map((i) => chunkKey(stage.name, i)));
  };
  const [ten, forty] = [await keys(10), await keys(40)];
  expect(new Set([...ten, ...forty]).size).toBe(4 + 10 + 4 + 40);
  const counted = apply("count", count, 10, { of: exchanged, by: one });
  const { values } = await place.run([counted], { partBytes: 3280 });
  expect(values[0]).toEqual(remainders(x.whole, 10).map((part) => part.length));
});
