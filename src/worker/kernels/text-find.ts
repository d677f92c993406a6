import type { Kernel } from "../../backend/kernel.ts";
import { sourceError } from "../../sources/source-error.ts";

/** The list of files rides in a reply. */
const filesMax = 10_000;

/** `text.find`: the files that the task's own pattern stands for, as its statistics. */
export const findFiles: Kernel = async ({ task }) => {
  const pattern = task.own as string;
  const files = await task.sources.expand(pattern);
  if (files.length > filesMax) {
    throw sourceError(pattern, {
      what: `it stands for ${files.length} files, at most ${filesMax} are read`,
      fix: "name them by several narrower patterns, or gather them into larger files",
    });
  }
  task.report(files);
  return files.length;
};
