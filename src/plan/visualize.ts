import { formatBytes } from "../base/byte-size.ts";
import { LambdaskError } from "../base/errors.ts";
import type { StageId } from "../base/ids.ts";
import { neededTasks } from "./needed-tasks.ts";
import type { ExplainedPlan } from "./planner.ts";
import type { Stage, StageKind } from "./stage.ts";

/** Stages that a picture shows at the most. */
const stagesMax = 500;

const box = { width: 210, height: 62, gapX: 28, gapY: 58, margin: 24 } as const;

const fills: Readonly<Record<StageKind, string>> = {
  data: "#eef1f4",
  map: "#dcebfb",
  reduce: "#dff3e4",
  exchange: "#fdebd3",
  graph: "#eee3fa",
};

interface Placed {
  readonly stage: Stage;
  readonly x: number;
  readonly y: number;
}

/** The stages of a plan as a picture (SVG): sources above, targets below, edges labelled with how chunks are read. */
export function visualize(plan: ExplainedPlan): string {
  const stages = plan.fragments.flatMap((fragment) => fragment.stages);
  if (stages.length > stagesMax) {
    throw new LambdaskError("LIMIT", {
      message: `a picture shows at most ${stagesMax} stages, and the plan has ${stages.length}`,
      fix: "visualize a part of the work, or read explain()",
    });
  }
  const placed = place(stages);
  const needed = neededTasks(plan.fragments);
  const targets = new Set(plan.fragments.flatMap((f) => f.targets.map((target) => target.stage)));
  const nodes = [...placed.values()];
  const width = Math.max(0, ...nodes.map((node) => node.x)) + box.width + box.margin;
  const height = Math.max(0, ...nodes.map((node) => node.y)) + box.height + box.margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    '<defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#6b7683"/></marker></defs>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...nodes.flatMap((node) => edges(node, placed)),
    ...nodes.map((node) =>
      nodeSvg(node, {
        tasks: needed.get(node.stage.id) ?? 0,
        isTarget: targets.has(node.stage.id),
      }),
    ),
    "</svg>",
    "",
  ].join("\n");
}

/** Each stage one layer below the lowest that it reads; within a layer near what it reads. */
function place(stages: readonly Stage[]): Map<StageId, Placed> {
  const layers: Stage[][] = [];
  const layerOf = new Map<StageId, number>();
  for (const stage of stages) {
    const above = stage.slots.map((slot) => layerOf.get(slot.stage) ?? -1);
    const layer = Math.max(-1, ...above) + 1;
    layerOf.set(stage.id, layer);
    layers[layer] ??= [];
    layers[layer].push(stage);
  }
  const widest = Math.max(0, ...layers.map((layer) => layer.length));
  const pitch = box.width + box.gapX;
  const placed = new Map<StageId, Placed>();
  for (const [row, layer] of layers.entries()) {
    const wanted = new Map(layer.map((stage, i) => [stage, meanX(stage, placed) ?? i * pitch]));
    const sorted = [...layer].sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
    const start = box.margin + ((widest - layer.length) * pitch) / 2;
    for (const [i, stage] of sorted.entries()) {
      const y = box.margin + row * (box.height + box.gapY);
      placed.set(stage.id, { stage, x: start + i * pitch, y });
    }
  }
  return placed;
}

function meanX(stage: Stage, placed: ReadonlyMap<StageId, Placed>): number | undefined {
  const xs = stage.slots.flatMap((slot) => placed.get(slot.stage)?.x ?? []);
  return xs.length === 0 ? undefined : xs.reduce((sum, x) => sum + x, 0) / xs.length;
}

function edges(to: Placed, placed: ReadonlyMap<StageId, Placed>): string[] {
  const slots = to.stage.slots.filter((slot) => slot.stage !== to.stage.id);
  return slots.flatMap((slot, i) => {
    const from = placed.get(slot.stage);
    if (from === undefined) return [];
    const x1 = from.x + box.width / 2;
    const y1 = from.y + box.height;
    const x2 = to.x + (box.width * (i + 1)) / (slots.length + 1);
    const y2 = to.y;
    const bend = Math.max(24, (y2 - y1) / 2);
    const path = `M${x1} ${y1} C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2 - 2}`;
    const label = { x: (x1 + x2) / 2, y: (y1 + y2) / 2 + 4 };
    return [
      `<path d="${path}" fill="none" stroke="#6b7683" stroke-width="1.4" marker-end="url(#end)"/>`,
      `<text x="${label.x}" y="${label.y}" text-anchor="middle" fill="#45505c" stroke="#ffffff" stroke-width="4" paint-order="stroke" font-size="11">${slot.mapping.kind}</text>`,
    ];
  });
}

function nodeSvg(
  { stage, x, y }: Placed,
  { tasks, isTarget }: { tasks: number; isTarget: boolean },
): string {
  const middle = x + box.width / 2;
  const of = tasks === stage.count ? "" : ` of ${stage.count.toLocaleString("en-US")}`;
  const unit = stage.kind === "data" ? "chunks" : "tasks";
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
