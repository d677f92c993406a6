import fc from "fast-check";
import { expect, test } from "vitest";
import { makeStageId } from "../../src/base/ids.ts";
import type { Stage } from "../../src/plan/stage.ts";
import { box, layoutStages } from "../../src/plan/stage-layout.ts";

/** Stage i reads the stages that `reads[i]` says, all before it. */
function stagesOf(reads: readonly (readonly number[])[]): Stage[] {
  return reads.map((of, i) => {
    const slots = of.map((n) => ({
      stage: makeStageId(n % Math.max(1, i)),
      mapping: { kind: "all" },
    }));
    return { id: makeStageId(i), slots: i === 0 ? [] : slots } as unknown as Stage; // All that a layout asks.
  });
}

const graphs = fc.array(fc.array(fc.nat(20), { maxLength: 3 }), { minLength: 1, maxLength: 15 });

test("boxes do not overlap, lie inside the drawing, and below what they read", () => {
  fc.assert(
    fc.property(graphs, (reads) => {
      const stages = stagesOf(reads);
      const layout = layoutStages(stages);
      const placed = new Map(layout.stages.map((one) => [one.stage.id, one]));
      expect(placed.size).toBe(stages.length);
      for (const a of layout.stages) {
        expect(a.x).toBeGreaterThanOrEqual(0);
        expect(a.x + box.width).toBeLessThanOrEqual(layout.width);
        expect(a.y + box.height).toBeLessThanOrEqual(layout.height);
        for (const { stage } of a.stage.slots) expect(placed.get(stage)?.y).toBeLessThan(a.y);
        for (const b of layout.stages) {
          const apart =
            a === b || Math.abs(a.x - b.x) >= box.width || Math.abs(a.y - b.y) >= box.height;
          expect(apart).toBe(true);
        }
      }
    }),
  );
});

test("an edge passes beside the boxes of the layers between, never through one", () => {
  fc.assert(
    fc.property(graphs, (reads) => {
      const layout = layoutStages(stagesOf(reads));
      for (const { points } of layout.edges) {
        for (const [x, y] of points.slice(1, -1)) {
          const inside = layout.stages.filter(
            (one) => x > one.x && x < one.x + box.width && y >= one.y && y <= one.y + box.height,
          );
          expect(inside).toEqual([]);
        }
      }
    }),
  );
});
