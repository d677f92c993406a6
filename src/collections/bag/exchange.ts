import { type Exchange, emitExchange } from "../../plan/exchange.ts";
import type { Layout, LowerContext } from "../../plan/lower-context.ts";
import { unprovenStream } from "../../plan/memory-stream.ts";

/** More parts than this are refused at the call. */
export const partitionsMax = 100_000;

/** How the records of one bag go to the parts of an exchange. */
export interface PartitionDraft {
  readonly role: string;
  readonly label: string;
  readonly input: Layout;
  readonly parts: number;
  /** Position of the key function among the expression's functions. */
  readonly key: number;
}

/** The exchange that brings the records of `input` to `parts` parts, by a hash of their key. */
export function emitPartition(context: LowerContext, draft: PartitionDraft): Exchange {
  const { role, label, input, parts, key } = draft;
  return emitExchange(context, {
    role,
    label,
    count: input.count,
    slots: [{ stage: input.stage, mapping: { kind: "one" } }],
    steps: [
      {
        operation: "bag.partition",
        arguments: [{ input: 0 }],
        functions: [key],
        params: { parts },
      },
    ],
    // It holds its whole part, encoded.
    memory: { ...unprovenStream(), inputs: [input.chunkBytes ?? 0] },
    parts,
    layout: "hash",
  });
}
