import { isLambdaskError } from "../base/errors.ts";

/** What a check found. `bad` makes the doctor fail; `odd` is worth a look. */
export interface Finding {
  readonly kind: "good" | "odd" | "bad";
  readonly what: string;
  /** What to do about it. */
  readonly fix?: string;
}

const marks = { good: "ok", odd: "look", bad: "FAIL" } as const;

/** A finding as lines for the terminal. */
export function findingText(title: string, { kind, what, fix }: Finding): string {
  const line = `${marks[kind].padEnd(5)}${title.padEnd(16)}${what}`;
  return fix === undefined ? line : `${line}\n     ${"fix:".padEnd(16)}${fix}`;
}

/** How messages of this library end: the fix stands in a line of its own, and the code is for programs. */
const codeAndFix = /(\n\s*fix: .*)? \[[A-Z_]+\]$/s;

/** What a check found; if it threw, that. */
export async function found(check: () => Promise<Finding>): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    const what = error instanceof Error ? error.message.replace(codeAndFix, "") : `${error}`;
    return {
      kind: "bad",
      what,
      ...(isLambdaskError(error) && error.fix ? { fix: error.fix } : {}),
    };
  }
}
