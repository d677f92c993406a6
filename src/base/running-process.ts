import { systemCode } from "./system-code.ts";

/** True if a process of this machine has this id. */
export function isRunning(pid: number): boolean {
  // Other numbers stand for groups of processes.
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not permitted to signal it: it runs, under another user.
    return systemCode(error) === "EPERM";
  }
}
