import fc from "fast-check";
import { expect, test } from "vitest";
import { RareMap, RareSet } from "../../src/base/rare.ts";

const small = fc.integer({ min: 0, max: 3 });

test("a rare set does as a Set does", () => {
  const doings = fc.constantFrom("add", "delete", "clear", "has");
  fc.assert(
    fc.property(fc.array(fc.tuple(doings, small)), (all) => {
      const [rare, plain] = [new RareSet<number>(), new Set<number>()];
      for (const [what, item] of all) {
        if (what === "add") {
          rare.add(item);
          plain.add(item);
        } else if (what === "clear") {
          rare.clear();
          plain.clear();
        } else expect(rare[what](item)).toBe(plain[what](item));
        expect([rare.size, ...rare]).toEqual([plain.size, ...plain]);
      }
    }),
  );
});

test("a rare map does as a Map does", () => {
  const doings = fc.constantFrom("set", "delete", "clear", "get", "has");
  fc.assert(
    fc.property(fc.array(fc.tuple(doings, small, small)), (all) => {
      const [rare, plain] = [new RareMap<number, number>(), new Map<number, number>()];
      for (const [what, key, value] of all) {
        if (what === "set") {
          rare.set(key, value);
          plain.set(key, value);
        } else if (what === "clear") {
          rare.clear();
          plain.clear();
        } else expect(rare[what](key)).toBe(plain[what](key));
        expect([rare.size, ...rare.entries()]).toEqual([plain.size, ...plain.entries()]);
        expect([...rare.values()]).toEqual([...plain.values()]);
      }
    }),
  );
});
