import type { ByteSource, SourceFile } from "../../backend/byte-source.ts";
import type { Kernel } from "../../backend/kernel.ts";
import { withoutLists } from "../../formats/success-list.ts";
import { sourceError, transferError } from "../../sources/source-error.ts";

/** The list of files rides in a reply. */
const filesMax = 10_000;

/** `text.find`: the files that the task's own pattern stands for, as its statistics. */
export const findFiles: Kernel = async ({ task }) => {
  const pattern = task.own as string;
  const files = await found(task.sources, pattern);
  if (files.length > filesMax) {
    throw sourceError(pattern, {
      what: `it stands for ${files.length} files, at most ${filesMax} are read`,
      fix: "name them by several narrower patterns, or gather them into larger files",
    });
  }
  if (files.length === 0) {
    throw sourceError(pattern, {
      what: "it stands for lists of results only",
      fix: "name the files themselves, or a list by its whole name",
    });
  }
  task.report(files);
  return files.length;
};

async function found(sources: ByteSource, pattern: string): Promise<readonly SourceFile[]> {
  try {
    return withoutLists(pattern, await sources.expand(pattern));
  } catch (error) {
    throw transferError(pattern, "read", error);
  }
}
