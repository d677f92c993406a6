import { createInterface } from "node:readline/promises";
import { LambdaskError } from "../base/errors.ts";
import type { CommandValues } from "./command.ts";

/** True if the user agrees, now or by `--yes` before; where nobody can be asked, `--yes` is required. */
export async function isAgreed(question: string, values: CommandValues): Promise<boolean> {
  if (values["yes"] === true) return true;
  if (!process.stdin.isTTY) {
    throw new LambdaskError("BAD_ARGUMENT", {
      message: `${question} Nobody is here to answer`,
      fix: "say --yes if it is meant",
    });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
