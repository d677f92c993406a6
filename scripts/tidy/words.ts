import { at, type SourceFile } from "./source-file.ts";

/** Words that may not stand in any file, and why. */
export interface BannedWord {
  readonly pattern: RegExp;
  readonly why: string;
}

/** A note to self is fine when it names the place where it is tracked, as in "#12". */
export const leftoverMarker: BannedWord = {
  pattern: /\b(?:TO[D]O|FIX[M]E|X[X]X)\b(?![^\n]*#\d)/g,
  why: "a leftover marker without #number",
};

/** Text that would tie the project to the machine it was written on. */
export const bannedWords: readonly BannedWord[] = [
  { pattern: /registry\.(?:npmjs|yarnpkg)\./g, why: "the host of a package registry" },
  { pattern: /(?:static\.crates|index\.crates|pythonhosted)\./g, why: "the host of a registry" },
  { pattern: /(?<![\w.)}-])\/work\/[a-z]/g, why: "a path of one machine" },
  { pattern: /\.\.\/shared\b/g, why: "a folder outside the project" },
];

/** Every place where one of the words stands. */
export function checkWords(files: readonly SourceFile[], words: readonly BannedWord[]): string[] {
  return files.flatMap((file) =>
    words.flatMap(({ pattern, why }) =>
      [...file.text.matchAll(pattern)].map((match) => `${at(file, match.index)}: ${why}`),
    ),
  );
}
