import type { UserFunction } from "../../backend/kernel.ts";
import { LambdaskError } from "../../base/errors.ts";
import type { BadLine } from "../../formats/bad-line.ts";
import type { TextChunk } from "../../formats/record-cutter.ts";
import type { TextForm } from "../../formats/text-form.ts";
import type { TextReading } from "../../formats/text-part.ts";

/** Where JSON lines come from, and what becomes of lines that are none. */
export interface JsonLines extends Pick<TextReading, "onBadLine"> {
  readonly file: string;
  /** Whether the first line is the file's, so that lines can be told by number. */
  readonly isFromStart: boolean;
  /** What is asked with `onBadLine: "call"`. */
  readonly ask: UserFunction | undefined;
  readonly skipped: SkippedLines;
}

/** The lines that a task has left out. */
export class SkippedLines {
  #count = 0;
  #first: BadLine | undefined;

  add(line: BadLine): void {
    this.#count += 1;
    this.#first ??= line;
  }

  /** One event of a task, not one of every line: tasks may log so many only. */
  get event(): unknown {
    if (this.#first === undefined) return undefined;
    const { text, error, ...place } = this.#first;
    return { lines: this.#count, first: { ...place, text: shown(text), reason: error.message } };
  }
}

/** Characters of a bad line that are shown. */
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
      const text = lines[i] ?? "";
      try {
        records.push(JSON.parse(text));
      } catch (cause) {
        if (text.trim() === "") continue;
        const place = from.isFromStart
          ? { line: linesBefore + i + 1 }
          : { byte: form.startOf(chunk, i) };
        const bad: BadLine = { text, error: reasonOf(cause), file: from.file, ...place };
        const record = await otherwise(bad, from, cause);
        if (record !== undefined) records.push(record);
      }
    }
    linesBefore += lines.length;
    yield records;
  }
}

/** What becomes of a bad line: a record, or `undefined` for none. */
function otherwise(line: BadLine, { onBadLine, ask, skipped }: JsonLines, cause: unknown): unknown {
  if (onBadLine === "fail") throw noJson(line, cause);
  if (onBadLine === "call") return ask?.(line);
  skipped.add(line);
  return undefined;
}

function noJson({ text, error, file, line, byte }: BadLine, cause: unknown): LambdaskError {
  const place = line === undefined ? `the line at byte ${byte}` : `line ${line}`;
  return new LambdaskError("SOURCE", {
    message: `${file}: ${place} is no JSON: ${JSON.stringify(shown(text))} (${error.message})`,
    fix: 'mend the file, or leave such lines out: onBadLine: "skip", or a function that says what becomes of them',
    cause,
    data: { file, place },
  });
}

function shown(text: string): string {
  return text.length > shownCharsMax ? `${text.slice(0, shownCharsMax)}…` : text;
}

/** Node quotes the text once more behind a comma. */
function reasonOf(cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new SyntaxError(message.replace(/, .* is not valid JSON$/s, ""));
}
