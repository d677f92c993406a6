import type { Layout, LowerContext } from "../../plan/lower-context.ts";

/** More parts than this are refused at the call. */
export const partitionsMax = 100_000;

/** How the records of one bag go to the parts of an exchange. */
export interface PartitionDraft {
  readonly role: string;
  readonly input: Layout;
  readonly parts: number;
  /** Position of the key function among the expression's functions. */
  readonly key: number;
}

/** The stage that writes each part of `input` as `parts` pieces, by a hash of the key. */
export function emitPartition(context: LowerContext, draft: PartitionDraft): Layout {
  const { role, input, parts, key } = draft;
  return context.emit({
    role,
    kind: "exchange",
    label: role,
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
    parts,
    layout: { parts },
  });
}

/** Bytes of all chunks of `layout`; undefined until they are there. */
export function measuredBytes(layout: Layout, context: LowerContext): number | undefined {
  const manifest = context.manifest(layout.stage);
  return manifest?.bytes.reduce((sum, bytes) => sum + bytes, 0);
}

/** How many parts suit the measured bytes of all `inputs` together; undefined until they are there. */
export function measuredParts(
  inputs: readonly Layout[],
  context: LowerContext,
): number | undefined {
  let bytes = 0;
  for (const input of inputs) {
    const measured = measuredBytes(input, context);
    if (measured === undefined) return undefined;
    bytes += measured;
  }
  return Math.max(1, Math.ceil(bytes / context.options.partBytes));
}
