import { describe, expect, test } from "vitest";
import { Slots } from "../../src/local/slots.ts";
import { virtualClock } from "./virtual-clock.ts";

const pace = { growMs: 100, shrinkMs: 1000 };

function slotsFrom(min: number, max: number) {
  const clock = virtualClock();
  const slots = new Slots({ min, max }, clock, pace);
  const changes: number[] = [];
  slots.onChange((count) => changes.push(count));
  return { clock, slots, changes };
}

describe("slots", () => {
  test("of a fixed number stay", () => {
    const { clock, slots, changes } = slotsFrom(2, 2);
    for (let i = 0; i < 2; i++) slots.take();
    clock.pass(10_000);
    for (let i = 0; i < 2; i++) slots.release();
    clock.pass(10_000);
    expect(changes).toEqual([]);
    expect(slots.count).toBe(2);
  });

  test("grow one by one while all are busy, up to the maximum", () => {
    const { clock, slots, changes } = slotsFrom(1, 3);
    slots.take();
    clock.pass(99);
    expect(changes).toEqual([]);
    clock.pass(1);
    expect(changes).toEqual([2]);
    clock.pass(500);
    expect(changes).toEqual([2]);
    slots.take();
    clock.pass(100);
    slots.take();
    clock.pass(500);
    expect(changes).toEqual([2, 3]);
  });

  test("do not grow for a moment of work", () => {
    const { clock, slots, changes } = slotsFrom(1, 3);
    for (let i = 0; i < 20; i++) {
      slots.take();
      clock.pass(50);
      slots.release();
      clock.pass(1);
    }
    expect(changes).toEqual([]);
  });

  test("shrink to what was needed and one to spare, down to the minimum", () => {
    const { clock, slots, changes } = slotsFrom(1, 4);
    for (let i = 0; i < 4; i++) {
      slots.take();
      clock.pass(100);
    }
    expect(changes).toEqual([2, 3, 4]);
    slots.release();
    slots.release();
    clock.pass(2000);
    expect(slots.count).toBe(3);
    slots.release();
    slots.release();
    clock.pass(3000);
    expect(slots.count).toBe(1);
  });

  test("follow a new range at once", () => {
    const { slots, changes } = slotsFrom(1, 1);
    slots.setRange({ min: 4, max: 4 });
    slots.setRange({ min: 1, max: 2 });
    slots.setRange({ min: 1, max: 1 });
    expect(changes).toEqual([4, 2, 1]);
  });
});
