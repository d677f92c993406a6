import { formatBytes } from "../../base/byte-size.ts";
import type { RunView, StageView } from "./state.ts";
import { cutText, formatCount, formatDuration, padText, textWidth } from "./text.ts";

/** Where a block is drawn. */
export interface Frame {
  readonly nowMs: number;
  readonly columns: number;
  readonly rows: number;
}

const labelColumnsMax = 28;
/** What a line has beside its label: a narrow terminal cuts labels before numbers. */
const factsColumns = 24;
const barColumns = 20;
/** Tasks that give no result for so long may be stuck. */
const quietShownMs = 10_000;
/** Room for the bar: below this the numbers alone must do. */
const barColumnsMin = 70;

/** The live block of a run: a heading, and a line for each stage, as many as there is room for. */
export function renderRun(run: RunView, frame: Frame): string[] {
  const stages = [...run.stages.values()];
  const labelColumns = Math.min(
    labelColumnsMax,
    Math.max(8, frame.columns - factsColumns),
    Math.max(8, ...stages.map((stage) => textWidth(stage.label))),
  );
  const room = Math.max(1, frame.rows - 2);
  const lines = pickStages(stages, { room, gone: run.gone }).map((item) =>
    typeof item === "string" ? item : stageLine(item, labelColumns, frame),
  );
  return [heading(run, frame), ...lines].map((line) => cutText(line, frame.columns - 1));
}

function heading(run: RunView, { nowMs }: Frame): string {
  const end = run.finished;
  const parts = [
    `${end ? marks[end.outcome] : "▶"} ${run.name}`,
    run.resumed ? "resumed" : "",
    run.slots > 0 ? `${formatCount(run.slots)} workers` : "",
    formatDuration((end?.atMs ?? nowMs) - run.startedMs),
    run.failed > 0 ? `${formatCount(run.failed)} failed` : "",
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

const marks = { done: "✔", failed: "✖", cancelled: "■" } as const;

/** The stages to show, in order: what is finished or waits is gathered in one line when there is too little room. */
function pickStages(
  stages: readonly StageView[],
  { room, gone }: { readonly room: number; readonly gone: number },
): (StageView | string)[] {
  if (stages.length <= room && gone === 0) return [...stages];
  const finished = stages.filter((stage) => stage.finishedMs !== undefined);
  const open = stages.filter((stage) => stage.finishedMs === undefined);
  const shown = open.slice(0, Math.max(1, room - 2));
  const waiting = open.length - shown.length;
  return [
    ...(finished.length + gone > 0
      ? [`  ✔ ${formatCount(finished.length + gone)} stages finished`]
      : []),
    ...shown,
    ...(waiting > 0 ? [`    ${formatCount(waiting)} more stages wait`] : []),
  ];
}

function stageLine(stage: StageView, labelColumns: number, { nowMs, columns }: Frame): string {
  const { tasks, done, finishedMs, startedMs } = stage;
  const mark = finishedMs !== undefined ? "✔" : startedMs !== undefined ? "▸" : " ";
  const countColumns = 2 * formatCount(tasks).length + 1;
  const counts = `${formatCount(done)}/${formatCount(tasks)}`.padStart(countColumns);
  const bar = columns < barColumnsMin ? "" : `  ${barOf(stage)}`;
  const facts = finishedMs !== undefined ? finishedFacts(stage) : openFacts(stage, nowMs);
  return `  ${mark} ${padText(stage.label, labelColumns)}${bar}  ${counts}  ${facts}`.trimEnd();
}

function barOf({ tasks, done, startedMs, finishedMs }: StageView): string {
  if (startedMs === undefined && finishedMs === undefined) return "·".repeat(barColumns);
  const full = tasks === 0 ? barColumns : Math.floor((done / tasks) * barColumns);
  const head = full < barColumns ? "╸" : "";
  return "━".repeat(full) + head + "─".repeat(Math.max(0, barColumns - full - 1));
}

function finishedFacts({ bytes, startedMs, finishedMs }: StageView): string {
  const took =
    startedMs === undefined || finishedMs === undefined
      ? "found"
      : formatDuration(finishedMs - startedMs);
  return [bytes > 0 ? formatBytes(bytes) : "", took].filter(Boolean).join("  ");
}

function openFacts(stage: StageView, nowMs: number): string {
  const { running, retries, done, tasks, startedMs, heardMs } = stage;
  if (startedMs === undefined) return "waits";
  const elapsed = nowMs - startedMs;
  const quietMs = running > 0 && heardMs !== undefined ? nowMs - heardMs : 0;
  const known = done > 0 && done < tasks && elapsed > 1000;
  return [
    running > 0 ? `run ${formatCount(running)}` : "",
    quietMs >= quietShownMs ? `no result for ${formatDuration(quietMs)}` : "",
    retries > 0 ? `retry ${formatCount(retries)}` : "",
    known ? `eta ${formatDuration((elapsed / done) * (tasks - done))}` : "",
  ]
    .filter(Boolean)
    .join("  ");
}
