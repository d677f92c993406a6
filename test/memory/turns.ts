import { execFileSync } from "node:child_process";

/** A case of the memory tests has its turn at one commit of so many, by chance. */
export const turns = 3;

/** Set where all cases run: in the deep suite. */
export const allCasesVariable = "LAMBDASK_TEST_ALL_CASES";

/** Those of `cases` whose turn it is at this commit; all of them in the deep suite. */
export function inTurn<T>(cases: readonly T[]): readonly T[] {
  const number = process.env[allCasesVariable] === undefined ? commitNumber() : undefined;
  return number === undefined ? cases : casesAt(cases, number);
}

/** Those whose turn it is at a commit that has this number. */
export function casesAt<T>(cases: readonly T[], number: number): readonly T[] {
  return cases.filter((_, position) => (position + number) % turns === 0);
}

/** The same number as CI's other seeds have; nothing where there is no repository. */
function commitNumber(): number | undefined {
  try {
    const options = { cwd: import.meta.dirname, encoding: "utf8", stdio: "pipe" } as const;
    return Number.parseInt(execFileSync("git", ["rev-parse", "HEAD"], options).slice(0, 7), 16);
  } catch {
    return undefined;
  }
}
