import { batchRecords } from "../chunk/batches.ts";

const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * The lines of a text that arrives in pieces, in batches. Pieces are cut at newlines before they are decoded, so a
 * UTF-8 character is never split. `\n` and `\r\n` end a line and are no part of it; a last line may lack its end.
 */
export async function* linesOf(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly string[]> {
  let open: Uint8Array[] = [];
  for await (const piece of pieces) {
    const end = piece.lastIndexOf(newline) + 1;
    if (end > 0) {
      const whole = piece.subarray(0, end);
      yield* batchesOf(open.length === 0 ? whole : Buffer.concat([...open, whole]));
      open = [];
    }
    // Kept past this step, and a source may use its buffer again: copied.
    if (end < piece.length) open.push(piece.slice(end));
  }
  if (open.length > 0) yield* batchesOf(Buffer.concat(open));
}

/** Lines of `bytes`, which start at a line's start and end with one's end. */
function* batchesOf(bytes: Uint8Array): Generator<readonly string[]> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const lines = text.split("\n");
  if (text.endsWith("\n")) lines.pop();
  if (bytes.includes(carriageReturn)) dropCarriageReturns(lines);
  if (lines.length <= batchRecords) yield lines;
  else {
    for (let start = 0; start < lines.length; start += batchRecords) {
      yield lines.slice(start, start + batchRecords);
    }
  }
}

function dropCarriageReturns(lines: string[]): void {
  for (const [index, line] of lines.entries()) {
    if (line.endsWith("\r")) lines[index] = line.slice(0, -1);
  }
}
