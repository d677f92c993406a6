import fc from "fast-check";
import { expect, test } from "vitest";
import { Queue } from "../../src/base/queue.ts";

interface Numbered {
  readonly number: number;
}

test("a queue gives what an array gives that is pushed to and shifted from", () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.constant("add") },
    { weight: 5, arbitrary: fc.constant("take") },
    { weight: 1, arbitrary: fc.constant("take all") },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new Queue<Numbered>();
      const array: Numbered[] = [];
      for (const [number, kind] of steps.entries()) {
        if (kind === "add") {
          queue.add({ number });
          array.push({ number });
        } else if (kind === "take") expect(queue.take()).toEqual(array.shift());
        else expect(queue.takeAll()).toEqual(array.splice(0));
        expect(queue.length).toBe(array.length);
      }
      expect(queue.takeAll()).toEqual(array);
    }),
  );
});
