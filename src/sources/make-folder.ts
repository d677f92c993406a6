import fs from "node:fs";
import path from "node:path";
import { systemCode } from "../base/system-code.ts";

/** Tries against others who remove empty folders meanwhile. */
const triesMax = 100;

/**
 * Makes `folder` and those above it. Node's own recursive call never returns where a file system says ENOENT for
 * whatever is to be made (`/proc`): it makes the parent, which is there, and tries again for ever. Here ENOENT is
 * thrown in the end.
 */
export function makeFolder(folder: string, mode?: number): void {
  for (let tries = 1; ; tries++) {
    try {
      fs.mkdirSync(folder, { mode });
      return;
    } catch (error) {
      const there = fs.statSync(folder, { throwIfNoEntry: false });
      if (there?.isDirectory()) return;
      const code = systemCode(error);
      const parent = path.dirname(folder);
      const mayPass = code === "ENOENT" ? parent !== folder : code === "EEXIST" && !there;
      if (!mayPass || tries === triesMax) throw error;
      if (code === "ENOENT") makeFolder(parent);
    }
  }
}
