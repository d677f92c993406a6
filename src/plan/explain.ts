import { formatBytes } from "../base/byte-size.ts";
import type { StageId } from "../base/ids.ts";
import type { Expr } from "./expr.ts";
import type { InputMapping } from "./mapping.ts";
import { neededTasks } from "./needed-tasks.ts";
import type { ExplainedPlan } from "./planner.ts";
import type { Stage } from "./stage.ts";

/** Lines of the logical tree, and rows of each list, at the most: what is cut is counted. */
const linesMax = 200;

/**
 * A plan as text: the expressions after rewriting, the stages with their tasks and projected memory, what stayed apart
 * and why, and what is decided only when a stage has finished.
 */
export function explain(plan: ExplainedPlan): string {
  return [
    section("Logical plan", treeLines(plan.roots)),
    stageSection(plan),
    section("Not fused", refusalLines(plan)),
    section("Decided during the run", waitingLines(plan)),
  ]
    .filter((text) => text !== "")
    .join("\n\n");
}

function section(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return "";
  const shown = lines.slice(0, linesMax);
  if (lines.length > linesMax) shown.push(`… and ${count(lines.length - linesMax)} more`);
  return [title, ...shown.map((line) => `  ${line}`)].join("\n");
}

/** One line an expression, children below it and to the right; what was shown before is only named. */
function treeLines(roots: readonly Expr[]): string[] {
  const lines: string[] = [];
  const numbers = new Map<string, number>();
  const open = [...roots].reverse().map((expr) => ({ expr, depth: 0 }));
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    const { expr, depth } = item;
    const known = numbers.get(expr.name);
    const indent = "  ".repeat(Math.min(depth, treeDepthMax));
    if (known !== undefined) {
      lines.push(`${indent}${expr.operation.name} [the same as ${known}]`);
      continue;
    }
    numbers.set(expr.name, numbers.size + 1);
    lines.push(`${indent}${numbers.size}. ${describe(expr)}`);
    for (const child of [...expr.children].reverse()) open.push({ expr: child, depth: depth + 1 });
  }
  return lines;
}

/** Long chains are not indented out of sight. */
const treeDepthMax = 20;

function describe(expr: Expr): string {
  const facts = Object.entries(expr.meta)
    .filter(([, value]) => typeof value !== "object")
    .map(([key, value]) => `${key} ${value}`);
  const functions = expr.functions.map((shipped) => shipped.name).filter((name) => name !== "");
  return [expr.operation.name, ...functions.map((name) => `${name}()`), ...facts].join(", ");
}

function stageSection(plan: ExplainedPlan): string {
  const stages = plan.fragments.flatMap((fragment) => fragment.stages);
  const needed = neededTasks(plan.fragments);
  const tasks = stages
    .filter((stage) => stage.kind !== "data")
    .reduce((sum, stage) => sum + (needed.get(stage.id) ?? 0), 0);
  const numbers = stageNumbers(plan);
  const rows = stages
    .slice(0, linesMax)
    .map((stage) => stageRow(stage, { numbers, tasks: needed.get(stage.id) ?? 0 }));
  const heads = ["", "stage", "kind", "tasks", "reads", "memory per task"];
  const title = `Physical plan: ${plural(stages.length, "stage")}, ${plural(tasks, "task")}`;
  const more = stages.length > linesMax ? [`… and ${count(stages.length - linesMax)} more`] : [];
  return section(title, [...table([heads, ...rows]), ...more]);
}

function stageRow(
  stage: Stage,
  { numbers, tasks }: { numbers: ReadonlyMap<StageId, number>; tasks: number },
): string[] {
  const reads = stage.slots
    .filter((slot) => slot.stage !== stage.id)
    .map((slot) => `${numbers.get(slot.stage) ?? "an earlier plan"} ${mappingWords(slot.mapping)}`);
  const of = tasks === stage.count ? "" : ` of ${count(stage.count)}`;
  return [
    `${numbers.get(stage.id)}.`,
    stage.label,
    stage.parts === undefined ? stage.kind : `${stage.kind} to ${count(stage.parts)} parts`,
    stage.kind === "data" ? `(${plural(stage.count, "chunk")})` : `${count(tasks)}${of}`,
    reads.join("; "),
    stage.kind === "data" ? "" : memoryWords(stage),
  ];
}

function memoryWords({ memory, options }: Stage): string {
  const bytes = formatBytes(memory.total);
  switch (memory.class) {
    case "exact":
    case "bounded":
      return `${bytes}, ${memory.class}`;
    case "declared":
      return options.memoryBytes === undefined
        ? `a worker's ${bytes} at most, not declared: unproven`
        : `${bytes}, declared: unproven`;
  }
}

function mappingWords(mapping: InputMapping): string {
  switch (mapping.kind) {
    case "one":
      return "one to one";
    case "shifted":
      return "one after the other";
    case "group":
      return `in groups of ${mapping.size}`;
    case "all":
      return "all to each";
    case "grid":
      return "one to one over grids";
    case "contract":
      return "along an axis";
    case "neighbours":
      return "with neighbours";
    case "ranges":
      return "by ranges";
    case "part":
    case "combined":
      return "by part";
    case "csr":
      return "picked";
  }
}

function refusalLines(plan: ExplainedPlan): string[] {
  const numbers = stageNumbers(plan);
  return plan.refusals.map(
    ({ producer, consumer, reason }) =>
      `${numbers.get(producer)} into ${numbers.get(consumer)}: ${reason}`,
  );
}

function waitingLines(plan: ExplainedPlan): string[] {
  const numbers = stageNumbers(plan);
  return plan.waiting().map((expr) => {
    const stage = plan.waitsFor(expr);
    const when =
      stage === undefined ? "after the one before" : `when ${numbers.get(stage)} is done`;
    return `${expr.operation.name}: ${when}`;
  });
}

function stageNumbers(plan: ExplainedPlan): Map<StageId, number> {
  const numbers = new Map<StageId, number>();
  for (const { stages } of plan.fragments) {
    for (const stage of stages) numbers.set(stage.id, numbers.size + 1);
  }
  return numbers;
}

/** Columns as wide as their widest cell. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function plural(n: number, word: string): string {
  return `${count(n)} ${word}${n === 1 ? "" : "s"}`;
}

function count(n: number): string {
  return n.toLocaleString("en-US");
}
