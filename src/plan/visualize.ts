import { formatBytes } from "../base/byte-size.ts";
import { LambdaskError } from "../base/errors.ts";
import { neededTasks } from "./needed-tasks.ts";
import type { ExplainedPlan } from "./planner.ts";
import type { StageKind } from "./stage.ts";
import { box, layoutStages, type PlacedEdge, type PlacedStage } from "./stage-layout.ts";

/** Stages that a picture shows at the most. */
const stagesMax = 500;

const fills: Readonly<Record<StageKind, string>> = {
  data: "#eef1f4",
  map: "#dcebfb",
  reduce: "#dff3e4",
  exchange: "#fdebd3",
  graph: "#eee3fa",
};

/** The stages of a plan as a picture (SVG): sources above, targets below, edges labelled with how chunks are read. */
export function visualize(plan: ExplainedPlan): string {
  const stages = plan.fragments.flatMap((fragment) => fragment.stages);
  if (stages.length > stagesMax) {
    throw new LambdaskError("LIMIT", {
      message: `a picture shows at most ${stagesMax} stages, and the plan has ${stages.length}`,
      fix: "visualize a part of the work, or read explain()",
    });
  }
  const { stages: placed, edges, width, height } = layoutStages(stages);
  const needed = neededTasks(plan.fragments);
  const targets = new Set(plan.fragments.flatMap((f) => f.targets.map((target) => target.stage)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    '<defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#6b7683"/></marker></defs>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...edges.map(edgeSvg),
    ...placed.map((node) =>
      nodeSvg(node, {
        tasks: needed.get(node.stage.id) ?? 0,
        isTarget: targets.has(node.stage.id),
      }),
    ),
    "</svg>",
    "",
  ].join("\n");
}

function edgeSvg({ label, points }: PlacedEdge): string {
  const [[x, y] = [0, 0], ...rest] = points;
  let path = `M${x} ${y}`;
  let [fromX, fromY] = [x, y];
  for (const [i, [toX, toY]] of rest.entries()) {
    const endY = i === rest.length - 1 ? toY - 2 : toY;
    const bend = (endY - fromY) / 2;
    path += ` C${fromX} ${fromY + bend} ${toX} ${endY - bend} ${toX} ${endY}`;
    [fromX, fromY] = [toX, endY];
  }
  const [nextX, nextY] = rest[0] ?? [x, y];
  const at = { x: (x + nextX) / 2, y: (y + nextY) / 2 + 4 };
  return [
    `<path d="${path}" fill="none" stroke="#6b7683" stroke-width="1.4" marker-end="url(#end)"/>`,
    `<text x="${at.x}" y="${at.y}" text-anchor="middle" fill="#45505c" stroke="#ffffff" stroke-width="4" paint-order="stroke" font-size="11">${label}</text>`,
  ].join("");
}

function nodeSvg(
  { stage, x, y }: PlacedStage,
  { tasks, isTarget }: { tasks: number; isTarget: boolean },
): string {
  const middle = x + box.width / 2;
  const of = tasks === stage.count ? "" : ` of ${stage.count.toLocaleString("en-US")}`;
  const unit = (stage.kind === "data" ? "chunk" : "task") + (tasks === 1 ? "" : "s");
  const size = `${tasks.toLocaleString("en-US")}${of} ${unit}`;
  const memory = stage.kind === "data" ? "" : ` · ${formatBytes(stage.memory.total)}`;
  const border = isTarget ? 'stroke="#1f5fae" stroke-width="2.5"' : 'stroke="#8a96a3"';
  return [
    `<g><title>${escaped(`${stage.fused.join(" → ")}\n${stage.definedAt}`.trim())}</title>`,
    `<rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="8" fill="${fills[stage.kind]}" ${border}/>`,
    `<text x="${middle}" y="${y + 25}" text-anchor="middle" font-weight="600" fill="#1d2530">${escaped(short(stage.label))}</text>`,
    `<text x="${middle}" y="${y + 45}" text-anchor="middle" fill="#45505c" font-size="11">${escaped(`${stage.kind} · ${size}${memory}`)}</text>`,
    "</g>",
  ].join("");
}

const labelLengthMax = 30;

function short(label: string): string {
  return label.length > labelLengthMax ? `${label.slice(0, labelLengthMax - 1)}…` : label;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
