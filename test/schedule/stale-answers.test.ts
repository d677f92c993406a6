import { expect, test } from "vitest";
import { chunkKey } from "../../src/backend/chunk-key.ts";
import { present } from "../../src/base/assert.ts";
import { type Invoke, invokes, type Machine, withStraggler } from "./support/machine.ts";
import { stageOf } from "./support/stages.ts";

/** A machine whose task 15 was done by its backup and then lost: the first attempt and the new one still run. */
function withLeftOver(): { machine: Machine; leftOver: Invoke; remade: Invoke } {
  const { machine, stage, straggler, backup } = withStraggler({ store: true });
  machine.answer(backup);
  // Only the new attempt: what is left over is no straggler that somebody waits for.
  const again = invokes(machine.take({ kind: "unreadable", stage, index: 15, problem: "lost" }));
  expect(again).toHaveLength(1);
  return { machine, leftOver: straggler, remade: present(again[0], "the new attempt") };
}

test("a left-over attempt that finds its object corrupt does not stop the one that makes it again", () => {
  const { machine, leftOver, remade } = withLeftOver();
  const key = chunkKey(stageOf({ id: 1, count: 16 }).name, 15);
  const late = machine.answer(leftOver, { kind: "corrupt-input", key, detail: "cut" });
  expect(late.map(({ kind }) => kind)).not.toContain("quarantine");
  expect(invokes(late)).toEqual([]);
  expect(machine.answer(remade)).toContainEqual({
    kind: "recovered",
    stage: remade.stage,
    index: 15,
    failure: undefined,
  });
});

test("a left-over attempt's success is not that of the one that makes the chunk again", () => {
  const { machine, leftOver, remade } = withLeftOver();
  expect(machine.answer(leftOver).map(({ kind }) => kind)).not.toContain("recovered");
  expect(machine.answer(remade).map(({ kind }) => kind)).toContain("recovered");
});
