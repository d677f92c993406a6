import path from "node:path";
import { isAbandoned, writerId } from "../backend/temporary-name.ts";
import { systemCode } from "../base/system-code.ts";
import { discard, type FileSystem } from "./file-system.ts";

/** Dead claims that may lie under one name; each needs a writer killed between two system calls. */
const generationsMax = 100;
const pauseMs = 5;
const pausesMax = 2000;
/** A claim is held for a few system calls: one this old, by a writer nobody can ask, is a dead one's. */
const claimAgeMs = 60_000;

/**
 * Runs `action` while no other process runs one for the same `target`: by exclusive claim files beside it. A claim of
 * a writer that died is never removed (two could then take its place at once): the next generation is claimed.
 */
export async function withClaim<T>(fs: FileSystem, target: string, action: () => T): Promise<T> {
  for (let pauses = 0; pauses < pausesMax; pauses++) {
    const claim = tryClaim(fs, target);
    if (claim !== undefined) {
      try {
        return action();
      } finally {
        discard(fs, claim);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  throw new Error(`${target}: another process has been writing it for ${pausesMax * pauseMs} ms`);
}

function tryClaim(fs: FileSystem, target: string): string | undefined {
  for (let generation = 0; generation < generationsMax; generation++) {
    const claim = path.join(path.dirname(target), `.claim-${generation}-${path.basename(target)}`);
    if (create(fs, claim)) return claim;
    if (!isDead(fs, claim)) return undefined;
  }
  throw new Error(`${target}: ${generationsMax} claim files of dead processes beside it`);
}

function create(fs: FileSystem, claim: string): boolean {
  let fd: number;
  try {
    fd = fs.open(claim, "wx");
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
  try {
    fs.writeNow(fd, new TextEncoder().encode(writerId));
  } finally {
    fs.close(fd);
  }
  return true;
}

function isDead(fs: FileSystem, claim: string): boolean {
  const stat = fs.stat(claim);
  // Gone since: its holder has finished, so try again from the start.
  if (stat === undefined) return false;
  const writer = readSmall(fs, claim);
  // Empty: its writer is between two calls, or died there.
  if (writer === "") return Date.now() - stat.modifiedMs > claimAgeMs;
  return writer !== undefined && isAbandoned(writer, stat.modifiedMs, claimAgeMs);
}

function readSmall(fs: FileSystem, file: string): string | undefined {
  let fd: number;
  try {
    fd = fs.open(file, "r");
  } catch {
    return undefined;
  }
  try {
    const into = new Uint8Array(256);
    const length = fs.read(fd, into, 0);
    return typeof length === "number" ? new TextDecoder().decode(into.subarray(0, length)) : "";
  } finally {
    fs.close(fd);
  }
}
