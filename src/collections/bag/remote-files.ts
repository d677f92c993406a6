import type { StageId } from "../../base/ids.ts";
import { encodeValue } from "../../chunk/value-codec.ts";
import { packBytes } from "../../client/graph/pack.ts";
import type { FoundFile } from "../../formats/find-files.ts";
import type { LowerContext } from "../../plan/lower-context.ts";

/** What can be looked at only over the network: when the work starts, not at the call. */
const remote = /^(s3|https?):\/\//i;

/** True for patterns of files elsewhere. */
export function isRemote(pattern: string | URL): boolean {
  return remote.test(String(pattern));
}

/** The files of each pattern, which a task of each looks up; the stage to wait for while they have not. */
export function lookUp(
  context: LowerContext,
  patterns: readonly string[],
  label: string,
): { readonly files: readonly (readonly FoundFile[])[] } | { readonly wait: StageId } {
  if (patterns.length === 0) return { files: [] };
  const { stage } = context.emit({
    role: "find",
    kind: "map",
    label: `${label}: find`,
    count: patterns.length,
    slots: [],
    steps: [{ operation: "text.find", arguments: [] }],
    own: packBytes(patterns.map((pattern) => encodeValue(pattern))),
    layout: { patterns: patterns.length },
  });
  const manifest = context.manifest(stage);
  if (manifest === undefined) return { wait: stage };
  // What `text.find` reports.
  return { files: manifest.statistics as readonly (readonly FoundFile[])[] };
}
