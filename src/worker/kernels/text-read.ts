import { fileURLToPath } from "node:url";
import type { Kernel, KernelTask, UserFunction } from "../../backend/kernel.ts";
import { Batches, slices } from "../../chunk/batches.ts";
import { isPackingProblem, unpacked } from "../../formats/packing.ts";
import type { TextChunk } from "../../formats/record-cutter.ts";
import { chunksOfBlock, chunksOfText } from "../../formats/text-blocks.ts";
import { toUtf8 } from "../../formats/text-encoding.ts";
import { TextForm } from "../../formats/text-form.ts";
import type { TextPart, TextPiece, TextReading } from "../../formats/text-part.ts";
import { sourceError, transferError } from "../../sources/source-error.ts";
import { jsonRecords, SkippedLines } from "./text-json.ts";

/** `text.read`: the records of the task's own blocks of files: lines, or what they say as JSON. */
export const readLines: Kernel = ({ task, params, functions: [ask] }) =>
  new Batches(recordsOfPart({ task, reading: params as TextReading, ask })).flatMap(slices);

interface ReadCall {
  readonly task: KernelTask;
  readonly reading: TextReading;
  readonly ask: UserFunction | undefined;
}

/** Under this topic tasks tell how many lines they have left out. */
const badLinesTopic = "bad lines";

/** The records of a part, about as many at a time as came in one read. */
async function* recordsOfPart(call: ReadCall): AsyncGenerator<readonly unknown[]> {
  const { withPaths = false } = call.reading;
  const skipped = new SkippedLines();
  // Also if not all records are wanted: then it tells of those that were read.
  call.task.tellWhenDone(badLinesTopic, () => skipped.event);
  for (const piece of call.task.own as TextPart) {
    for await (const records of recordsOfPiece(piece, call, skipped)) {
      const named = withPaths ? records.map((record) => [record, piece.path]) : records;
      yield named;
    }
  }
}

async function* recordsOfPiece(
  piece: TextPiece,
  { task, reading, ask }: ReadCall,
  skipped: SkippedLines,
): AsyncGenerator<readonly unknown[]> {
  const { form, chunks } = chunksOfPiece(piece, reading, task);
  if (reading.records === "json") {
    const { onBadLine } = reading;
    const file = pathOf(piece);
    const isFromStart = piece.start === 0;
    yield* jsonRecords(chunks, form, { file, isFromStart, onBadLine, ask, skipped });
    return;
  }
  for await (const chunk of chunks) yield form.records(chunk);
}

function chunksOfPiece(
  piece: TextPiece,
  reading: TextReading,
  task: KernelTask,
): { readonly form: TextForm; readonly chunks: AsyncIterable<TextChunk> } {
  const { file, start, end, packing } = piece;
  const form = new TextForm(reading);
  const read = (from: number, to: number): AsyncIterable<Uint8Array> =>
    orElse(task.sources.read(file, { start: from, end: to }, task.stop), (error) =>
      task.stop.aborted ? error : transferError(nameOf(piece), "read", error),
    );
  const { delimiter, encoding } = form;
  if (packing === "none" && encoding.splits) {
    const block = { start, end, fileBytes: file.bytes };
    return { form, chunks: chunksOfBlock(block, delimiter, read) };
  }
  const pieces = unpackedOf(piece, read(0, file.bytes));
  const readable = encoding.splits ? pieces : toUtf8(pieces, encoding);
  return { form, chunks: chunksOfText(readable, delimiter) };
}

function unpackedOf(
  piece: TextPiece,
  pieces: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  const { packing } = piece;
  return orElse(unpacked(pieces, packing), (error) =>
    isPackingProblem(error)
      ? sourceError(nameOf(piece), {
          what: `it is read as ${packing}, but is damaged, cut or none: ${error.message}`,
          fix: `make it anew (${packing} -t FILE tests it), or say how it is packed: compression: "none" if it is plain text`,
          cause: error,
        })
      : error,
  );
}

/** What errors call it: as users do, if workers read a copy. */
function nameOf({ file, path }: TextPiece): string {
  return path ?? file.url;
}

function pathOf(piece: TextPiece): string {
  const name = nameOf(piece);
  return name.startsWith("file:") ? fileURLToPath(name) : name;
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
