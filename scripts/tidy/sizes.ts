import { type ParseResult, Visitor } from "oxc-parser";
import { at, parse, type SourceFile } from "./source-file.ts";

/** Files with more lines of code than allowed; blank lines and comments do not count. */
export function checkFileLengths(files: readonly SourceFile[], linesMax: number): string[] {
  return files.flatMap((file) => {
    const lines = codeLines(withoutComments(file, parse(file)));
    return lines > linesMax ? [`${file.path}: ${lines} lines of code, at most ${linesMax}`] : [];
  });
}

/** Functions with more lines of code than allowed; blank lines and comments do not count. */
export function checkFunctionLengths(files: readonly SourceFile[], linesMax: number): string[] {
  const problems: string[] = [];
  for (const file of files) {
    const parsed = parse(file);
    const text = withoutComments(file, parsed);
    const measure = (node: { start: number; end: number }): void => {
      const lines = codeLines(text.slice(node.start, node.end));
      if (lines <= linesMax) return;
      problems.push(`${at(file, node.start)}: function of ${lines} lines, at most ${linesMax}`);
    };
    new Visitor({
      FunctionDeclaration: measure,
      FunctionExpression: measure,
      ArrowFunctionExpression: measure,
    }).visit(parsed.program);
  }
  return problems;
}

/** The text with comments turned into spaces, so that offsets stay valid. */
function withoutComments(file: SourceFile, parsed: ParseResult): string {
  let text = file.text;
  for (const { start, end } of parsed.comments) {
    const blank = text.slice(start, end).replace(/[^\n]/g, " ");
    text = text.slice(0, start) + blank + text.slice(end);
  }
  return text;
}

function codeLines(text: string): number {
  return text.split("\n").filter((line) => line.trim() !== "").length;
}
