import { afterAll, beforeAll, test } from "vitest";
import { makeBlock } from "../../src/chunk/block.ts";
import type { Expr } from "../../src/plan/expr.ts";
import type { InputMapping } from "../../src/plan/mapping.ts";
import { Bench, expectTight, mebibyte } from "../memory/support.ts";
import { calling, type Floats, operation, type TaskInfo } from "./support.ts";

/** Three fresh workers, not five, to keep this file under a minute: the largest peak counts. */
const workers = 3;
const thin = 64;
const long = 147_456;
const blockBytes = 8 * thin * long;
const on = new Bench(2048 * mebibyte);
afterAll(() => on[Symbol.dispose]());

/** Two blocks of 72 MiB, each `rows` × `columns`. */
function source(rows: number, columns: number): Expr {
  const write =
    rows < columns
      ? ({ index }: TaskInfo): Floats => {
          const block = makeBlock("float64", [64, 147_456]);
          block.data.fill(index + 1);
          return block;
        }
      : ({ index }: TaskInfo): Floats => {
          const block = makeBlock("float64", [147_456, 64]);
          block.data.fill(index + 1);
          return block;
        };
  return operation("source", { functions: [write], params: [rows, columns] }, (context) =>
    context.emit({
      ...calling("source", 2, []),
      memory: { class: "exact", operation: 0, output: blockBytes },
      chunkBytes: blockBytes,
      fusible: false,
    }),
  );
}

/** The product of a row of blocks with a column of blocks. */
function multiply(row: Floats[], column: Floats[]): Floats {
  const product = makeBlock("float64", [64, 64]);
  for (const [k, a] of row.entries()) {
    const b = column[k] ?? a;
    const inner = a.shape[1] ?? 0;
    for (let n = 0; n < inner; n++) {
      for (let i = 0; i < 64; i++) {
        const factor = a.data[i * inner + n] ?? 0;
        for (let j = 0; j < 64; j++) {
          product.data[i * 64 + j] =
            (product.data[i * 64 + j] ?? 0) + factor * (b.data[n * 64 + j] ?? 0);
        }
      }
    }
  }
  return product;
}

const rows = source(thin, long);
const columns = source(long, thin);
const by: readonly InputMapping[] = [
  { kind: "contract", consumer: [1, 1], producer: [1, 2], axes: [0, "all"] },
  { kind: "contract", consumer: [1, 1], producer: [2, 1], axes: ["all", 1] },
];

beforeAll(() => on.prepare(rows, columns), 60_000);

test("a task that contracts two blocks with two takes no more than was projected, and the projection is tight", async () => {
  const spec = { children: [rows, columns], functions: [multiply], params: by };
  const product = operation("matmul", spec, (context, layouts) => {
    const slots = layouts.flatMap(({ stage }, i) => {
      const mapping = by[i];
      return mapping === undefined ? [] : [{ stage, mapping }];
    });
    const outputBytes = 8 * thin * thin;
    return context.emit({
      ...calling(
        "matmul",
        1,
        layouts.map((layout, i) => ({ layout, by: by[i] ?? { kind: "one" } })),
      ),
      slots,
      memory: { class: "exact", operation: 0, output: outputBytes },
      chunkBytes: outputBytes,
      fusible: false,
    });
  });
  expectTight(await on.measure(product, [rows, columns], workers), "exact");
});
