import { expect, test } from "vitest";
import { makeStageId } from "../../src/base/ids.ts";
import { MemoryStore } from "../../src/local/memory-store.ts";
import { DriveTables } from "../../src/schedule/drive-tables.ts";
import type { ScheduleEvent } from "../../src/schedule/event.ts";
import { Recoveries } from "../../src/schedule/recoveries.ts";
import { newSchedule } from "../../src/schedule/step.ts";

const limits = { invocationOverheadMs: 1, invocationMsMax: 1e6, payloadBytesMax: 1e6 };
const chunk = { stage: makeStageId(1), index: 3, problem: "lost" } as const;

test("readers of one lost chunk ask for it once, and learn of a defect instead of waiting for ever", async () => {
  const events: ScheduleEvent[] = [];
  const tables = new DriveTables(newSchedule(limits));
  const recoveries = new Recoveries(tables, new MemoryStore(), (event) => events.push(event));
  const waiting = [recoveries.remake(chunk), recoveries.remake(chunk)];
  expect(events).toEqual([{ kind: "unreadable", ...chunk }]);
  recoveries.fail(new Error("a defect"));
  for (const one of waiting) await expect(one).rejects.toThrow("a defect");
  await expect(recoveries.remake(chunk)).rejects.toThrow("a defect");
});
