import type { Step } from "../backend/program.ts";
import { assert } from "../base/assert.ts";
import type { Layout, LowerContext, MemoryStatement } from "./lower-context.ts";

/** A step without its arguments. */
type Action = Omit<Step, "arguments">;

/** How many chunks become one. */
export interface ReduceTree {
  readonly input: Layout;
  readonly label: string;
  /** Chunks may be of a megabyte and more: fewer per task. */
  readonly large: boolean;
  /** Makes one of a list of partial results, which stand in order; what it makes is again one. */
  readonly combine: Action;
  /** Makes the result of the last partial one. */
  readonly finish?: Action;
  /** The result may be a stream of batches, which only one step can read; partial results never are. Default: false. */
  readonly streams?: boolean;
  readonly memory?: MemoryStatement;
  readonly chunkBytes?: number;
  /** Chunks that one task combines; left out: by `large`. */
  readonly fanIn?: number;
}

/** Combines the chunks of `input` in order, level by level, until one is left. */
export function emitReduceTree(context: LowerContext, tree: ReduceTree): Layout {
  const { reduceFanIn, reduceFanInLarge } = context.options;
  const fanIn = tree.fanIn ?? (tree.large ? reduceFanInLarge : reduceFanIn);
  assert(fanIn >= 2, `a reduce tree of fan-in ${fanIn} never ends`);
  let level = tree.input;
  for (let number = 1; number === 1 || level.count > 1; number++) {
    level = emitLevel(context, { ...tree, input: level }, { number, fanIn });
  }
  return level;
}

function emitLevel(
  context: LowerContext,
  tree: ReduceTree,
  { number, fanIn }: { number: number; fanIn: number },
): Layout {
  const { input, label, combine, finish, memory, chunkBytes, streams = false } = tree;
  const count = Math.max(1, Math.ceil(input.count / fanIn));
  const isLast = count === 1;
  const steps: Step[] = [{ ...combine, arguments: [{ input: 0 }] }];
  if (isLast && finish !== undefined) steps.push({ ...finish, arguments: [{ step: 0 }] });
  return context.emit({
    role: `level-${number}`,
    kind: "reduce",
    label,
    count,
    // No chunks at all are combined too, to what stands for nothing.
    slots: [
      {
        stage: input.stage,
        mapping: input.count === 0 ? { kind: "all" } : { kind: "group", size: fanIn },
      },
    ],
    steps,
    layout: { fanIn, chunks: input.count },
    fusible: isLast,
    streams: isLast && streams,
    ...(memory === undefined ? {} : { memory }),
    ...(chunkBytes === undefined ? {} : { chunkBytes }),
  });
}
