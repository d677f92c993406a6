import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

const root = path.resolve(import.meta.dirname, "../../..");
const command = path.join(root, "node_modules", "aws-cdk", "bin", "cdk");
const cdkMsMax = 5 * 60_000;

/** Everything that the CDK prints when it is called with these words; an error has it too. */
export async function cdk(
  words: readonly string[],
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  const quietly = ["--ci", "--no-color", "--no-notices", "--no-version-reporting"];
  const options = { cwd: root, env: { ...variables, CI: "true" }, timeout: cdkMsMax };
  try {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [command, ...quietly, ...words],
      options,
    );
    return stdout + stderr;
  } catch (cause) {
    const { stdout = "", stderr = "" } = cause as { stdout?: string; stderr?: string };
    throw new Error(`cdk ${words.join(" ")} failed:\n${(stdout + stderr).slice(-4000)}`, { cause });
  }
}
