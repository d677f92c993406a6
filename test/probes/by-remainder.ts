import { Partitioned } from "../../src/chunk/partitioned.ts";
import { emitExchange, stepsOver } from "../../src/plan/exchange.ts";
import type { Expr } from "../../src/plan/expr.ts";
import type { Layout, LowerContext } from "../../src/plan/lower-context.ts";
import { call, calling, type Floats, one, operation, ownOf, type TaskInfo } from "./support.ts";

/** Sends each value to the part that its remainder names. */
function split(block: Floats, { own: parts }: TaskInfo<number>): Partitioned {
  const pieces: number[][] = Array.from({ length: parts }, () => []);
  for (const value of block.data) pieces[value % parts]?.push(value);
  return new Partitioned(parts, pieces);
}

function gather(pieces: (number[] | undefined)[]): number[] {
  return pieces.flatMap((piece) => piece ?? []);
}

/** The values by their remainder; `choose` says how many parts, or which stage it must see first. */
export function byRemainder(
  child: Expr,
  choose: (context: LowerContext, input: Layout) => number | { readonly wait: Layout },
  label = "",
): Expr {
  const spec = { children: [child], functions: [split, gather], params: label };
  return operation("by-remainder", spec, (context, layouts) => {
    const [input] = layouts;
    if (input === undefined) throw new Error("no child");
    const parts = choose(context, input);
    if (typeof parts === "object") return parts;
    const draft = calling("split", input.count, [{ layout: input, by: one }]);
    const own = ownOf(parts, input.count);
    const exchange = emitExchange(context, { ...draft, own, parts, layout: parts });
    const steps = stepsOver([exchange], (pieces) => [call(1, pieces)]);
    return context.emit({ ...calling("gather", parts, []), slots: [exchange.slot], steps });
  });
}

/** What `byRemainder` must come to. */
export function remainders(whole: Floats, parts: number): number[][] {
  return Array.from({ length: parts }, (_, p) =>
    [...whole.data].filter((value) => value % parts === p),
  );
}
