import type { StageId } from "../base/ids.ts";
import type { Stage } from "./stage.ts";

/** Sizes of the drawing, in pixels. */
export const box = { width: 210, height: 62, gapX: 28, gapY: 58, margin: 24 } as const;

/** Room that an edge takes where it passes between boxes. */
const passWidth = 16;

/** A stage and the upper left corner of its box. */
export interface PlacedStage {
  readonly stage: Stage;
  readonly x: number;
  readonly y: number;
}

/** A slot's way from what it reads to its stage: points from top to bottom. */
export interface PlacedEdge {
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Where everything is drawn. */
export interface StageLayout {
  readonly stages: readonly PlacedStage[];
  readonly edges: readonly PlacedEdge[];
  readonly width: number;
  readonly height: number;
}

/** A box, or an edge that passes through a layer. */
interface Item {
  readonly stage: Stage | undefined;
  readonly width: number;
  /** What the item should be below. */
  readonly above: Item[];
  x: number;
  readonly y: number;
}

/** Each stage one layer below the lowest that it reads, near the middle of what it reads; edges pass between boxes. */
export function layoutStages(stages: readonly Stage[]): StageLayout {
  const layers: Item[][] = [];
  const items = new Map<StageId, { readonly item: Item; readonly layer: number }>();
  const ways: { readonly label: string; readonly items: readonly Item[]; readonly end: number }[] =
    [];
  for (const stage of stages) {
    const slots = stage.slots.flatMap((slot) => {
      const from = items.get(slot.stage);
      return from === undefined ? [] : [{ from, label: slot.mapping.kind }];
    });
    const layer = Math.max(-1, ...slots.map(({ from }) => from.layer)) + 1;
    const item = addItem(layers, layer, stage);
    items.set(stage.id, { item, layer });
    for (const [i, { from, label }] of slots.entries()) {
      const way = [from.item];
      for (let between = from.layer + 1; between < layer; between++) {
        const pass = addItem(layers, between, undefined);
        pass.above.push(...way.slice(-1));
        way.push(pass);
      }
      item.above.push(...way.slice(-1));
      ways.push({ label, items: [...way, item], end: (i + 1) / (slots.length + 1) });
    }
  }
  const width = arrange(layers);
  return {
    stages: [...items.values()].flatMap(({ item: { stage, x, y } }) =>
      stage === undefined ? [] : [{ stage, x, y }],
    ),
    edges: ways.map(({ label, items: way, end }) => ({ label, points: pointsOf(way, end) })),
    width,
    height: layers.length * (box.height + box.gapY) - box.gapY + 2 * box.margin,
  };
}

function addItem(layers: Item[][], layer: number, stage: Stage | undefined): Item {
  const y = box.margin + layer * (box.height + box.gapY);
  const width = stage === undefined ? passWidth : box.width;
  const item: Item = { stage, width, above: [], x: 0, y };
  layers[layer] ??= [];
  layers[layer].push(item);
  return item;
}

/** Sets every `x`, layer by layer; the width of the drawing. */
function arrange(layers: readonly Item[][]): number {
  const lengthOf = (layer: readonly Item[]): number =>
    layer.reduce((sum, item) => sum + item.width + box.gapX, -box.gapX);
  const widest = Math.max(0, ...layers.map(lengthOf));
  for (const layer of layers) {
    const wanted = new Map(layer.map((item) => [item, middleAbove(item)]));
    layer.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
    let x = box.margin + (widest - lengthOf(layer)) / 2;
    for (const item of layer) {
      item.x = x;
      x += item.width + box.gapX;
    }
  }
  return widest + 2 * box.margin;
}

function middleAbove({ above }: Item): number {
  const middles = above.map((item) => item.x + item.width / 2);
  return middles.reduce((sum, x) => sum + x, 0) / Math.max(1, middles.length);
}

function pointsOf(way: readonly Item[], end: number): [number, number][] {
  return way.flatMap((item, i): [number, number][] => {
    const middle = item.x + item.width / 2;
    if (i === 0) return [[middle, item.y + box.height]];
    if (i === way.length - 1) return [[item.x + item.width * end, item.y]];
    return [
      [middle, item.y],
      [middle, item.y + box.height],
    ];
  });
}
