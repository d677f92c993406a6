import { type Expr, makeExpr, type Operation } from "../plan/expr.ts";
import type { Publication } from "../schedule/publications.ts";

const publishedOf: Operation<Publication> = {
  name: "published",
  version: 1,
  lower: ({ params }, context) => ({
    kind: "layout",
    layout: context.emit({
      role: "stored",
      kind: "map",
      label: `published ${params.name}`,
      count: params.count,
      slots: [],
      steps: [{ operation: "stored", arguments: [], params: { published: params.name } }],
      layout: undefined,
      stored: params.stored,
      fusible: false,
      memory: { class: "exact", operation: 0, output: 0 },
    }),
  }),
};

/** The chunks of a publication, which are looked for in the store. */
export function publishedExpr(publication: Publication): Expr {
  const { id, count, chunk } = publication;
  const meta = chunk === undefined ? { partitions: count } : {};
  return makeExpr({ operation: publishedOf, params: publication, paramsName: id, meta }) as Expr;
}
