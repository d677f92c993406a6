import { expect, test } from "vitest";
import { realClock } from "../../src/backend/real-clock.ts";

/** Timers that keep the process alive. */
const holding = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

test("only a wait that says so keeps the process alive", () => {
  const before = holding();
  const ends = [realClock.after(60_000, () => undefined)];
  expect(holding()).toBe(before);
  ends.push(realClock.after(60_000, () => undefined, { holds: true }));
  expect(holding()).toBe(before + 1);
  for (const end of ends) end();
  expect(holding()).toBe(before);
});
