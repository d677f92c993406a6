import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Benchmark } from "./benchmark.ts";

const repetitions = 5;

/** From the start of a program's own Node process to its first progress byte, the half second of quiet included. */
export const firstProgress: Benchmark = {
  name: "first-progress",
  describe:
    "start of a program's process to its first progress byte on stderr (--progress=plain), median of 5",
  unit: "ms",
  atMost: 1000,
  async run() {
    const took: number[] = [];
    for (let i = 0; i < repetitions; i++) took.push(await once());
    return took.sort((a, b) => a - b)[(repetitions - 1) / 2] ?? Number.NaN;
  },
};

function once(): Promise<number> {
  const store = mkdtempSync(join(tmpdir(), "lambdask-first-progress-"));
  const start = performance.now();
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, "programs", "slow-tasks.ts"), "--progress=plain"],
    { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, LAMBDASK_STORE: store } },
  );
  return new Promise<number>((resolve, reject) => {
    let first: number | undefined;
    child.stderr.on("data", () => {
      first ??= performance.now() - start;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      rmSync(store, { recursive: true, force: true });
      if (first === undefined || code !== 0)
        reject(new Error(`no progress was shown, exit code ${code}`));
      else resolve(first);
    });
  });
}
