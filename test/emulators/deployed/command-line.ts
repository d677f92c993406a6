import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

const main = path.resolve(import.meta.dirname, "../../../src/cli/main.ts");
const commandMsMax = 5 * 60_000;

/** How a command ended, and all that it printed. */
export interface CommandEnd {
  readonly code: number;
  readonly text: string;
}

/** Runs `lambdask` with these words, as a user would; it never rejects. */
export async function lambdask(...words: readonly string[]): Promise<CommandEnd> {
  const options = {
    timeout: commandMsMax,
    env: { ...process.env, CI: "true", NO_COLOR: "1", CDK_VALIDATION: "false" },
  };
  try {
    const run = await promisify(execFile)(process.execPath, [main, ...words], options);
    return { code: 0, text: run.stdout + run.stderr };
  } catch (error) {
    const { code = 1, stdout = "", stderr = "" } = error as Partial<Record<string, string>>;
    return { code: Number(code), text: `${stdout}${stderr}` };
  }
}
