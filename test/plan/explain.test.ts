import { expect, test } from "vitest";
import { explain } from "../../src/plan/explain.ts";
import { visualize } from "../../src/plan/visualize.ts";
import { planOf } from "./support/plan.ts";
import { range } from "./support/range.ts";
import {
  add,
  addIndex,
  exchange,
  packedChunks,
  scale,
  total,
  toySource,
  transpose,
} from "./support/toy.ts";

const source = async (rows: number, columns: number) =>
  toySource([rows, columns], await packedChunks(range(rows * columns).map((i) => [i])));

test("explain shows the expressions, the stages with their tasks, and what stayed apart", async () => {
  const data = await source(4, 10);
  const shared = addIndex(data);
  const text = explain(planOf([add(shared, total(shared))]));
  expect(text).toBe(`Logical plan
  1. toy.add
    2. toy.index
      3. toy.source
    4. toy.total
      toy.index [the same as 2]

Physical plan: 5 stages, 84 tasks
      stage  kind    tasks        reads                                  memory per task
  1.  data   data    (40 chunks)
  2.  index  map     40           1 one to one                           a worker's 1.00 GiB at most, not declared: unproven
  3.  total  reduce  3            2 in groups of 16                      a worker's 1.00 GiB at most, not declared: unproven
  4.  total  reduce  1            3 in groups of 16                      a worker's 1.00 GiB at most, not declared: unproven
  5.  add    map     40           2 one to one; 4 one to one over grids  a worker's 1.00 GiB at most, not declared: unproven

Not fused
  2 into 5: 2 stages read it
  4 into 5: one of its chunks is read by several tasks`);
});

test("explain counts only the tasks that are needed, and says what is decided later", async () => {
  const data = await source(4, 10);
  const text = explain(
    planOf([
      { expr: transpose(addIndex(data)), indexes: { kind: "range", start: 0, end: 3 } },
      { expr: exchange(scale(data, 2, 0)), indexes: { kind: "all" } },
    ]),
  );
  expect(text).toContain("3 of 40");
  expect(text).toContain("Decided during the run\n  toy.exchange: when 4 is done");
});

test("explain cuts what is long and says how much", async () => {
  let expr = await source(1, 1);
  for (let i = 0; i < 500; i++) expr = scale(expr, 1, 1);
  const text = explain(planOf([expr]));
  expect(text).toContain("… and 301 more");
});

test("the picture has a box per stage and an arrow per read, and escapes what users named", async () => {
  const data = await source(2, 2);
  const plan = planOf([add(scale(data, 2, 0, { label: '<"a" & b>' }), total(data))]);
  const svg = visualize(plan);
  expect(svg.match(/<g>/g)).toHaveLength(plan.first.stages.length);
  expect(svg.match(/marker-end/g)).toHaveLength(3);
  expect(svg).toContain("&#60;&#34;a&#34; &#38; b&#62;");
  expect(svg).not.toContain('<"a"');
});
