import { expectTypeOf, test } from "vitest";
import type { Bag } from "../../src/bag.ts";
import { type Moment, type Person, people, timeseries } from "../../src/datasets.ts";

test("made-up records have the fields of their kind", () => {
  expectTypeOf(people()).toEqualTypeOf<Bag<Person>>();
  expectTypeOf(people().map((person) => person.address.city)).toEqualTypeOf<Bag<string>>();
  expectTypeOf(people().pluck("name")).toEqualTypeOf<Bag<readonly [first: string, last: string]>>();
  expectTypeOf(timeseries()).toEqualTypeOf<Bag<Moment>>();
  expectTypeOf(timeseries().map(({ timestamp }) => timestamp)).toEqualTypeOf<Bag<Date>>();
  // @ts-expect-error It is everyMs.
  timeseries({ every: 1000 });
});
