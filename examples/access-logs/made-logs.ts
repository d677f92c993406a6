/** Made-up access logs: a gzip file per day, and what was written into them, counted while it was written. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";

/** What the logs hold, counted by who wrote them. */
export interface Written {
  lines: number;
  broken: number;
  readonly byStatus: Map<number, number>;
  readonly byPath: Map<string, { requests: number; bytes: number }>;
  /** By hour of the day: answers with a status of 500 and more. */
  readonly failuresByHour: number[];
}

const paths = ["/", "/search", "/cart", "/checkout", "/api/items", "/api/users", "/static/app.js"];
const statuses = [200, 200, 200, 200, 200, 200, 304, 304, 404, 500, 503];

/** Numbers that look random: a linear congruential generator, with the constants of Numerical Recipes. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Writes `days` files of `lines` lines each into `folder`. */
export function writeLogs(
  folder: string,
  { days, lines }: { days: number; lines: number },
): Written {
  mkdirSync(folder, { recursive: true });
  const written: Written = {
    lines: 0,
    broken: 0,
    byStatus: new Map(),
    byPath: new Map(),
    failuresByHour: new Array<number>(24).fill(0),
  };
  for (let day = 0; day < days; day++) {
    const random = generator(day + 1);
    const text = Array.from({ length: lines }, (_, i) => lineOf(day, i / lines, random, written));
    const name = `access-2026-11-${String(day + 1).padStart(2, "0")}.log.gz`;
    writeFileSync(path.join(folder, name), gzipSync(`${text.join("\n")}\n`));
  }
  return written;
}

function lineOf(
  day: number,
  time: number,
  random: (below: number) => number,
  written: Written,
): string {
  written.lines += 1;
  if (random(1000) === 0) {
    written.broken += 1;
    return "-- log rotated --";
  }
  const hour = Math.floor(time * 24);
  const where = paths[random(paths.length)] ?? "/";
  const status = statuses[random(statuses.length)] ?? 200;
  const bytes = 200 + random(50_000);
  written.byStatus.set(status, (written.byStatus.get(status) ?? 0) + 1);
  const known = written.byPath.get(where) ?? { requests: 0, bytes: 0 };
  written.byPath.set(where, { requests: known.requests + 1, bytes: known.bytes + bytes });
  if (status >= 500) written.failuresByHour[hour] = (written.failuresByHour[hour] ?? 0) + 1;
  const stamp = `${String(day + 1).padStart(2, "0")}/Nov/2026:${String(hour).padStart(2, "0")}:00:00 +0000`;
  return `10.0.${random(256)}.${random(256)} - - [${stamp}] "GET ${where}?q=${random(1e6)} HTTP/1.1" ${status} ${bytes}`;
}
