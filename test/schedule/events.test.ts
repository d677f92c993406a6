import { describe, expect, test } from "vitest";
import { plainDisplay } from "../../src/client/progress/display.ts";
import { encodeReply } from "../../src/schedule/journal.ts";
import type { RunEvent } from "../../src/schedule/run-event.ts";
import { bytesOf, numberBackend } from "./support/number-backend.ts";
import { checkedDriver, doneNumbers, jobOf, squaresAndSums } from "./support/numbers.ts";
import { planOf, stageOf } from "./support/stages.ts";

const squares = stageOf({ id: 1, count: 4 });
const total = stageOf({ id: 2, count: 1, reads: [[1, { kind: "all" }]] });

/** What is told of a run that adds up four squares, of which the journal has the first `recalled`. */
async function eventsOf(recalled: number): Promise<readonly RunEvent[]> {
  const backend = numberBackend(squaresAndSums);
  const driver = checkedDriver(backend);
  const events: RunEvent[] = [];
  driver.onEvent((event) => events.push(event));
  const entries = Array.from({ length: recalled }, (_, index) => ({
    index,
    lazy: false,
    output: { bytes: 8, rows: 1, checksum: 0, inline: bytesOf(index ** 2) },
  }));
  if (recalled > 0) driver.recall(encodeReply({ name: squares.name, entries }));
  const plan = planOf([squares, total], [[2]]);
  expect(await doneNumbers(driver.submit(jobOf(plan, { lookForChunks: recalled > 0 })))).toEqual([
    0 + 1 + 4 + 9,
  ]);
  await driver.close();
  return events;
}

/** What a plain display writes of the events, had each been a second after the last. */
function plainLines(events: readonly RunEvent[]): string[] {
  const lines: string[] = [];
  const display = plainDisplay((line) => lines.push(line));
  for (const [second, event] of events.entries()) display.take({ ...event, atMs: 1000 * second });
  return lines.map((line) => line.replace(/ in \d+(\.\d)? s/, " in T s"));
}

describe.each([0, 1, 3, 4])("of a run of which %i tasks were done before", (recalled) => {
  test("a stage is told before anything of it, and its end before that of the run", async () => {
    const events = await eventsOf(recalled);
    const kinds = events.map(({ kind }) => kind);
    expect(kinds[0]).toBe("run-started");
    expect(kinds.filter((kind) => kind !== "slots").at(-1)).toBe("run-finished");
    for (const { id } of [squares, total]) {
      const own = events.filter((event) => "stage" in event && event.stage === id);
      const begins = own.findIndex(({ kind }) => kind === "tasks-started");
      const told = begins < 0 ? own : own.slice(0, begins);
      expect(new Set(told.map(({ kind }) => kind))).toEqual(new Set(["stage-added"]));
      const [tasks, cached] = id === squares.id ? [4, recalled] : [1, 0];
      expect(told.at(-1)).toMatchObject({ kind: "stage-added", tasks, cached });
      const ends = own.filter(({ kind }) => kind === "stage-finished");
      expect(ends).toHaveLength(recalled === 4 && id === squares.id ? 0 : 1);
      if (ends.length > 0) expect(own.at(-1)).toBe(ends[0]);
    }
  });

  test("plain lines tell how many run, and how each stage ends", async () => {
    const lines = plainLines(await eventsOf(recalled));
    const found = recalled === 0 ? "" : `, ${recalled} more found done`;
    const tasks = recalled === 3 ? "1 task" : `${4 - recalled} tasks`;
    const about = (word: string): string[] => lines.filter((line) => line.includes(word));
    if (recalled < 4) {
      expect(about("stage-1 started")).toEqual([`lambdask: stage-1 started: ${tasks}${found}`]);
      expect(about("stage-1 finished")).toHaveLength(1);
      expect(about("stage-1 finished")[0]).toContain(`finished: ${tasks} in T s${found}, `);
    }
    expect(about("stage-2 started")).toEqual(["lambdask: stage-2 started: 1 task"]);
    expect(about("stage-2 finished")).toEqual(["lambdask: stage-2 finished: 1 task in T s, 8 B"]);
  });
});
