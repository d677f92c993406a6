import type { SourceFile } from "../../backend/byte-source.ts";
import type { Kernel } from "../../backend/kernel.ts";
import { Batches } from "../../chunk/batches.ts";
import { gunzip, isGzipName } from "../../formats/gzip.ts";
import { linesOfBlock } from "../../formats/text-blocks.ts";
import { linesOf } from "../../formats/text-lines.ts";

/** The block of a text file that one task reads: its own data. */
interface TextPart {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** `text.read`: the lines that start in the task's block; a gzip file is one block. */
export const readLines: Kernel = ({ task }) => {
  const { file, start, end } = task.own as TextPart;
  const read = (from: number, to: number): AsyncIterable<Uint8Array> =>
    task.sources.read(file, { start: from, end: to }, task.signal);
  if (isGzipName(file.url)) return new Batches(linesOf(gunzip(read(0, file.bytes))));
  return new Batches(linesOfBlock({ start, end, fileBytes: file.bytes }, read));
};
