import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Runs a program that runs the matrix: what became of each case. */
export async function runMatrix(
  program: string,
  flags: readonly string[] = [],
): Promise<Map<string, string>> {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program]);
  const lines = stdout.trim().split("\n");
  return new Map(lines.map((line) => JSON.parse(line) as [string, string]));
}
