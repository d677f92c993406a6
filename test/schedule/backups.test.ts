import { describe, expect, test } from "vitest";
import type { Failure } from "../../src/backend/failure.ts";
import type { Effect } from "../../src/schedule/effect.ts";
import { deathsMax } from "../../src/schedule/retry.ts";
import { type Invoke, invokes, type Machine, withStraggler } from "./support/machine.ts";

const thrown: Failure = {
  kind: "user",
  error: { name: "TypeError", message: "no", stack: "", fields: {} },
};
const died: Failure = { kind: "worker-lost", detail: "killed" };

const failures = (effects: readonly Effect[]): string[] =>
  effects.flatMap((effect) => (effect.kind === "failed" ? [effect.failure.failure.kind] : []));

/** Lets time pass: whoever is old enough for a backup gets it, whoever pauses goes on. */
function later(machine: Machine): Invoke[] {
  machine.nowMs += 1e9;
  return invokes(machine.take({ kind: "woken" }));
}

test("work with effects in it gets no backup, however long it takes", () => {
  expect(() => withStraggler({ nonce: "run/impure-1", impure: true })).toThrow("a backup");
  expect(withStraggler({ nonce: "run/session" }).backup.indexes).toEqual([15]);
});

describe.each(["straggler", "backup"] as const)("the %s fails first", (first) => {
  const other = first === "straggler" ? "backup" : "straggler";

  test("an error of the user's function without retries ends the task; the other's answer is late", () => {
    const started = withStraggler();
    const { machine } = started;
    const effects = machine.answer(started[first], thrown);
    expect(failures(effects)).toEqual(["user"]);
    expect(invokes(effects)).toEqual([]);
    expect(machine.answer(started[other])).toEqual([]);
    expect(later(machine)).toEqual([]);
  });

  test("each error counts: with one retry, two of them end the task, and nothing runs a third time", () => {
    const started = withStraggler({ retries: 1 });
    const { machine } = started;
    expect(failures(machine.answer(started[first], thrown))).toEqual([]);
    expect(later(machine)).toEqual([]);
    expect(failures(machine.answer(started[other], thrown))).toEqual(["user"]);
    expect(later(machine)).toEqual([]);
  });

  test("the other may still succeed", () => {
    const started = withStraggler({ retries: 1 });
    const { machine } = started;
    machine.answer(started[first], thrown);
    const ended = machine.answer(started[other]).filter(({ kind }) => kind === "target-ended");
    expect(ended).toMatchObject([{ end: { kind: "done" } }]);
  });

  test("a task that ends its workers is poison after three, backups counted", () => {
    const started = withStraggler();
    const { machine } = started;
    expect(invokes(machine.answer(started[first], died))).toEqual([]);
    expect(later(machine)).toEqual([]);
    machine.answer(started[other], died);
    const [third, ...more] = later(machine);
    expect(more).toEqual([]);
    if (third === undefined) throw new Error(`gave up before ${deathsMax} workers died`);
    const effects = machine.answer(third, died);
    expect(failures(effects)).toEqual(["worker-lost"]);
    expect(later(machine)).toEqual([]);
  });

  test("what never ran is no failure: the other goes on alone", () => {
    const started = withStraggler();
    const { machine } = started;
    expect(invokes(machine.answer(started[first], { kind: "throttle" }))).toEqual([]);
    expect(later(machine)).toEqual([]);
    const ended = machine.answer(started[other]).filter(({ kind }) => kind === "target-ended");
    expect(ended).toMatchObject([{ end: { kind: "done" } }]);
  });
});
