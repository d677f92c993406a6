import { execFileSync } from "node:child_process";

/** A process by its number and its start: numbers come back. */
export interface KnownProcess {
  readonly pid: number;
  readonly startedAt: string;
}

interface ListedProcess extends KnownProcess {
  readonly parent: number;
}

function processes(): ListedProcess[] {
  const env = { ...process.env, LC_ALL: "C" };
  const table = execFileSync("ps", ["-eo", "pid=,ppid=,lstart="], { encoding: "utf8", env });
  return table
    .trim()
    .split("\n")
    .map((line) => {
      const [pid, parent, ...start] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), startedAt: start.join(" ") };
    });
}

/** All processes below `pid`, children first. */
export function descendants(pid: number): KnownProcess[] {
  const all = processes();
  const below = (parent: number): ListedProcess[] =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
  return below(pid);
}

/** Ends those of them that are still there. */
export function endAll(known: readonly KnownProcess[]): void {
  const now = processes();
  for (const { pid, startedAt } of known) {
    if (!now.some((each) => each.pid === pid && each.startedAt === startedAt)) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended just now.
    }
  }
}
