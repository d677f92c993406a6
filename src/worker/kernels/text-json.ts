import { LambdaskError } from "../../base/errors.ts";
import type { TextChunk } from "../../formats/record-cutter.ts";
import type { TextForm } from "../../formats/text-form.ts";
import type { TextReading } from "../../formats/text-part.ts";

/** Where JSON lines come from, and what becomes of lines that are none. */
export interface JsonLines extends Pick<TextReading, "onBadLine"> {
  readonly file: string;
  /** Whether the first line is the file's, so that lines can be told by number. */
  readonly isFromStart: boolean;
}

/** Characters of a bad line that an error shows. */
const shownCharsMax = 60;

/** What the lines of `chunks` say as JSON. Lines without anything are left out. */
export async function* jsonRecords(
  chunks: AsyncIterable<TextChunk>,
  form: TextForm,
  from: JsonLines,
): AsyncGenerator<readonly unknown[]> {
  let linesBefore = 0;
  for await (const chunk of chunks) {
    const lines = form.records(chunk);
    const records: unknown[] = [];
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i] ?? "";
      try {
        records.push(JSON.parse(line));
      } catch (cause) {
        if (line.trim() === "" || from.onBadLine === "skip") continue;
        const place = from.isFromStart
          ? `line ${linesBefore + i + 1}`
          : `the line at byte ${form.startOf(chunk, i)}`;
        throw noJson(line, { file: from.file, place, cause });
      }
    }
    linesBefore += lines.length;
    yield records;
  }
}

function noJson(
  line: string,
  at: { readonly file: string; readonly place: string; readonly cause: unknown },
): LambdaskError {
  const { file, place, cause } = at;
  const shown = line.length > shownCharsMax ? `${line.slice(0, shownCharsMax)}…` : line;
  return new LambdaskError("SOURCE", {
    message: `${file}: ${place} is no JSON: ${JSON.stringify(shown)} (${reasonOf(cause)})`,
    fix: 'mend the file, or leave such lines out: onBadLine: "skip"',
    cause,
    data: { file, place },
  });
}

/** Node quotes the text once more behind a comma. */
function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.replace(/, .* is not valid JSON$/s, "");
}
