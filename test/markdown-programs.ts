import { readFileSync } from "node:fs";
import path from "node:path";

/** A program in a document. */
export interface MarkdownProgram {
  readonly name: string;
  readonly language: string;
  readonly code: string;
}

/** The programs of a Markdown file: code blocks of TypeScript or JavaScript right after `<!-- run -->`. */
export function markdownPrograms(file: string): MarkdownProgram[] {
  const text = readFileSync(file, "utf8");
  const title = path.basename(file, ".md");
  return [...text.matchAll(/^<!-- run -->\n+```(ts|js)\n([\s\S]*?)^```$/gm)].map(
    ([, language = "", code = ""], index) => ({
      name: `${title} program ${index + 1} (${language})`,
      language,
      code,
    }),
  );
}
