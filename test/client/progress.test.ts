import { describe, expect, test } from "vitest";
import { makeRunId, makeStageId } from "../../src/base/ids.ts";
import { plainDisplay } from "../../src/client/progress/display.ts";
import { chooseProgressMode } from "../../src/client/progress/mode.ts";
import { renderRun } from "../../src/client/progress/render.ts";
import { applyEvent, type RunView } from "../../src/client/progress/state.ts";
import { cutText, formatDuration, padText, textWidth } from "../../src/client/progress/text.ts";
import type { RunEvent } from "../../src/schedule/run-event.ts";

const run = makeRunId("r");
const read = makeStageId(1);
const sum = makeStageId(2);

/** What the driver told of a run of two stages: 8 tasks, of which 2 were there, then 1. */
const recorded: readonly RunEvent[] = [
  { kind: "run-started", run, atMs: 0, name: "compute", resumed: false },
  { kind: "tasks-started", run, atMs: 5, stage: read, count: 2 },
  { kind: "stage-added", run, atMs: 6, stage: read, label: "read", tasks: 8, cached: 2 },
  { kind: "stage-added", run, atMs: 6, stage: sum, label: "総和", tasks: 1, cached: 0 },
  { kind: "slots", run, atMs: 7, slots: 2, busy: 2 },
  { kind: "tasks-done", run, atMs: 400, stage: read, count: 2, bytes: 2048, rows: 2 },
  { kind: "tasks-started", run, atMs: 600, stage: read, count: 3 },
  {
    kind: "task-retried",
    run,
    atMs: 900,
    stage: read,
    index: 5,
    attempt: 1,
    failure: "worker-lost",
  },
  { kind: "tasks-done", run, atMs: 2005, stage: read, count: 2, bytes: 2048, rows: 2 },
  { kind: "tasks-started", run, atMs: 2100, stage: read, count: 2 },
  { kind: "tasks-done", run, atMs: 3000, stage: read, count: 2, bytes: 2048, rows: 2 },
  { kind: "stage-finished", run, atMs: 3005, stage: read, bytes: 6144 },
  { kind: "tasks-started", run, atMs: 3010, stage: sum, count: 1 },
  { kind: "tasks-done", run, atMs: 3500, stage: sum, count: 1, bytes: 8, rows: 1 },
  { kind: "run-finished", run, atMs: 3600, outcome: "done" },
];

/** The run's view after all events up to `atMs`. */
function viewAt(atMs: number): RunView {
  const state = new Map();
  let view: RunView | undefined;
  for (const event of recorded) if (event.atMs <= atMs) view = applyEvent(state, event) ?? view;
  if (!view) throw new Error("no run");
  return view;
}

describe("the live block", () => {
  test("shows stages with what is done, runs, was retried and is to come", () => {
    expect(renderRun(viewAt(2005), { nowMs: 2005, columns: 100, rows: 20 })).toEqual([
      "▶ compute · 2 workers · 2.0 s",
      "  ▸ read      ━━━━━━━━━━━━━━━╸────  6/8  retry 1  eta 0.7 s",
      "    総和      ····················  0/1  waits",
    ]);
  });

  test("keeps the last state when the run has ended", () => {
    expect(renderRun(viewAt(9999), { nowMs: 9999, columns: 100, rows: 20 })).toEqual([
      "✔ compute · 2 workers · 3.6 s",
      "  ✔ read      ━━━━━━━━━━━━━━━━━━━━  8/8  6.00 KiB  3.0 s",
      "  ✔ 総和      ━━━━━━━━━━━━━━━━━━━━  1/1  8 B  0.6 s",
    ]);
  });

  test("fits narrow and low terminals", () => {
    for (const columns of [20, 40, 69, 80, 200]) {
      for (const line of renderRun(viewAt(2005), { nowMs: 2005, columns, rows: 20 })) {
        expect(textWidth(line)).toBeLessThan(columns);
      }
    }
    expect(renderRun(viewAt(3010), { nowMs: 3010, columns: 80, rows: 3 })).toHaveLength(3);
  });

  test("cuts labels before numbers", () => {
    const view = viewAt(2005);
    const label = "map → groupBy: partition";
    const stages = new Map([...view.stages].map(([id, stage]) => [id, { ...stage, label }]));
    const lines = renderRun({ ...view, stages }, { nowMs: 2005, columns: 40, rows: 20 });
    expect(lines.slice(1)).toEqual([
      "  ▸ map → groupBy: …  6/8  retry 1  et…",
      "    map → groupBy: …  0/1  waits",
    ]);
  });
});

describe("plain lines", () => {
  test("say when stages begin and end, and in between now and then", () => {
    const lines: string[] = [];
    const display = plainDisplay((line) => lines.push(line));
    for (const event of recorded) display.take(event);
    expect(lines).toEqual([
      "lambdask: compute started",
      "lambdask: read started: 6 tasks, 2 more found done",
      "lambdask: read 50 % (4/8)",
      "lambdask: read[5] retried: worker-lost",
      "lambdask: read 75 % (6/8)",
      "lambdask: read finished: 6 tasks in 3.0 s, 2 more found done, 6.00 KiB",
      "lambdask: 総和 started: 1 task",
      "lambdask: compute done after 3.6 s",
    ]);
  });

  test("say nothing of runs under half a second", () => {
    const lines: string[] = [];
    const display = plainDisplay((line) => lines.push(line));
    for (const event of recorded.slice(0, 6)) display.take(event);
    display.take({ kind: "run-finished", run, atMs: 450, outcome: "done" });
    expect(lines).toEqual([]);
  });

  test("begin at half a second even if nothing happens then", () => {
    const lines: string[] = [];
    const display = plainDisplay((line) => lines.push(line));
    for (const event of recorded.slice(0, 6)) display.take(event);
    display.tick?.(499);
    expect(lines).toEqual([]);
    display.tick?.(501);
    expect(lines[0]).toBe("lambdask: compute started");
  });
});

describe("tasks from which nothing is heard", () => {
  const stuck = recorded.filter(({ atMs }) => atMs <= 2100);

  test("are told in plain lines after half a minute, and then less and less often", () => {
    const lines: string[] = [];
    const display = plainDisplay((line) => lines.push(line));
    for (const event of stuck) display.take(event);
    lines.length = 0;
    // The last was heard at 2.1 s.
    for (let atMs = 2100; atMs <= 2100 + 240_000; atMs += 5000) display.tick?.(atMs);
    expect(lines).toEqual([
      "lambdask: read: 2 tasks running, no result for 30 s (6/8); annotate({ timeoutMs }, …) sets a limit",
      "lambdask: read: 2 tasks running, no result for 1m00s (6/8)",
      "lambdask: read: 2 tasks running, no result for 2m00s (6/8)",
      "lambdask: read: 2 tasks running, no result for 4m00s (6/8)",
    ]);
  });

  test("are not told once they have answered", () => {
    const lines: string[] = [];
    const display = plainDisplay((line) => lines.push(line));
    for (const event of recorded.filter(({ atMs }) => atMs <= 3005)) display.take(event);
    lines.length = 0;
    display.tick?.(200_000);
    expect(lines).toEqual([]);
  });

  test("are marked in the live block after ten seconds", () => {
    const line = (nowMs: number): string | undefined =>
      renderRun(viewAt(2100), { nowMs, columns: 100, rows: 20 })[1];
    expect(line(12_000)).not.toContain("no result");
    expect(line(12_200)).toContain("6/8  run 2  no result for 10 s");
  });
});

test("the mode follows flag, setting and terminal, in this order", () => {
  const terminal = { argv: [], env: {}, isTerminal: true };
  expect(chooseProgressMode("auto", terminal)).toBe("tty");
  expect(chooseProgressMode("auto", { ...terminal, env: { TERM: "dumb" } })).toBe("plain");
  expect(chooseProgressMode("auto", { ...terminal, env: { CI: "true" } })).toBe("plain");
  expect(chooseProgressMode("auto", { ...terminal, isTerminal: false })).toBe("plain");
  expect(chooseProgressMode("json", terminal)).toBe("json");
  expect(chooseProgressMode("none", terminal)).toBe("none");
  const argv = ["node", "x.ts", "--progress=plain"];
  expect(chooseProgressMode("none", { ...terminal, argv })).toBe("plain");
  expect(() => chooseProgressMode("auto", { ...terminal, argv: ["--progress=loud"] })).toThrow(
    /--progress/,
  );
});

test("text is measured and cut by columns, not by characters", () => {
  expect(textWidth("総和")).toBe(4);
  expect(textWidth("é👍🏽")).toBe(3);
  expect(padText("総和", 5)).toBe("総和 ");
  expect(cutText("総和算", 5)).toBe("総和…");
  expect([9_940, 41_000, 102_000, 7_380_000].map(formatDuration)).toEqual([
    "9.9 s",
    "41 s",
    "1m42s",
    "2h03m",
  ]);
});
