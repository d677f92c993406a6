import fs from "node:fs";

/** Resolves once `condition` holds; the test's own time limit ends the wait. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** True if the process runs: neither gone nor dead and not yet collected by its parent. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOENT" && hasNoProc();
  }
}

function hasNoProc(): boolean {
  return !fs.existsSync("/proc/self/stat");
}
