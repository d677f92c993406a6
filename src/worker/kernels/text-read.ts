import type { SourceFile } from "../../backend/byte-source.ts";
import type { Kernel } from "../../backend/kernel.ts";
import { Batches } from "../../chunk/batches.ts";
import { gunzip, isGzipName, isGzipProblem } from "../../formats/gzip.ts";
import { linesOfBlock } from "../../formats/text-blocks.ts";
import { linesOf } from "../../formats/text-lines.ts";
import { sourceError, transferError } from "../../sources/source-error.ts";

/** The block of a text file that one task reads: its own data. */
interface TextPart {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** `text.read`: the lines that start in the task's block; a gzip file is one block. */
export const readLines: Kernel = ({ task }) => {
  const { file, start, end } = task.own as TextPart;
  const read = (from: number, to: number): AsyncIterable<Uint8Array> => {
    const pieces = task.sources.read(file, { start: from, end: to }, task.signal);
    return orElse(pieces, (error) =>
      task.signal.aborted ? error : transferError(file.url, "read", error),
    );
  };
  if (isGzipName(file.url)) return new Batches(linesOf(unpacked(file, read(0, file.bytes))));
  return new Batches(linesOfBlock({ start, end, fileBytes: file.bytes }, read));
};

function unpacked(
  { url }: SourceFile,
  pieces: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  return orElse(gunzip(pieces), (error) =>
    isGzipProblem(error)
      ? sourceError(url, {
          what: `it is named as gzip, but is damaged, cut or none: ${error.message}`,
          fix: "make it anew (gzip -t FILE tests it), or name it without .gz if it is plain text",
          cause: error,
        })
      : error,
  );
}

/** `pieces`, and what `otherwise` makes of the error that ends them. */
async function* orElse(
  pieces: AsyncIterable<Uint8Array>,
  otherwise: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces;
  } catch (error) {
    throw otherwise(error);
  }
}
