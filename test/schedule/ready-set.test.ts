import fc from "fast-check";
import { expect, test } from "vitest";
import { ReadySet } from "../../src/schedule/ready-set.ts";

const change = fc.record({ add: fc.boolean(), index: fc.nat(2999) });

test("a ready set holds what a Set holds, and knows its lowest member", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
      const set = new ReadySet(3000);
      const model = new Set<number>();
      for (const { add, index } of changes) {
        if (add) {
          set.add(index);
          model.add(index);
        } else {
          set.delete(index);
          model.delete(index);
        }
        expect(set.size).toBe(model.size);
        expect(set.has(index)).toBe(model.has(index));
        expect(set.first()).toBe(model.size === 0 ? -1 : Math.min(...model));
      }
      set.clear();
      expect(set.first()).toBe(-1);
    }),
  );
});

test.each([1, 32, 33, 1024, 1025, 32_768, 32_769])("the ends of a set of %i", (count) => {
  const set = new ReadySet(count);
  set.add(count - 1);
  expect(set.first()).toBe(count - 1);
  set.add(0);
  expect(set.first()).toBe(0);
});
