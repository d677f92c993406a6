/**
 * Log analysis over gzip files: fourteen days of access logs in Common Log Format, a file a day, are read and
 * parsed once and summed up in several ways; lines that are no requests are counted. The result is checked against what was counted when the logs
 * were written.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { readText } from "../../src/bag.ts";
import { compute, connect } from "../../src/index.ts";
import { writeLogs } from "./made-logs.ts";

interface Request {
  readonly hour: number;
  readonly path: string;
  readonly status: number;
  readonly bytes: number;
}

const pattern =
  /^\S+ \S+ \S+ \[\d+\/\w+\/\d+:(?<hour>\d\d):[^\]]+\] "\w+ (?<path>[^ ?]*)\S* [^"]+" (?<status>\d{3}) (?<bytes>\d+)$/;

function requestOf(line: string): Request | undefined {
  const groups = pattern.exec(line)?.groups;
  if (groups === undefined) return undefined;
  return {
    hour: Number(groups["hour"]),
    path: groups["path"] ?? "",
    status: Number(groups["status"]),
    bytes: Number(groups["bytes"]),
  };
}

const folder = mkdtempSync(path.join(tmpdir(), "access-logs-"));
process.on("exit", () => rmSync(folder, { recursive: true }));
const written = writeLogs(folder, { days: 14, lines: 20_000 });

await using _client = await connect({ processes: 2 });

const parsed = readText(path.join(folder, "*.log.gz")).map(requestOf);
const requests = parsed.filter((request) => request !== undefined);

const byStatus = requests.map((request) => request.status).frequencies();
const byPath = requests.foldBy(
  (request) => request.path,
  (total, { bytes }) => ({ requests: total.requests + 1, bytes: total.bytes + bytes }),
  {
    initial: { requests: 0, bytes: 0 },
    combine: (a, b) => ({ requests: a.requests + b.requests, bytes: a.bytes + b.bytes }),
  },
);
const failures = requests
  .filter((request) => request.status >= 500)
  .map((request) => request.hour)
  .frequencies();

// Together: the files are read and parsed once for all of them.
const [statuses, paths, worstHours, lines, broken] = await compute(
  byStatus,
  byPath,
  failures,
  parsed.count(),
  parsed.filter((request) => request === undefined).count(),
);

console.table(
  paths
    .toSorted(([, a], [, b]) => b.bytes - a.bytes)
    .map(([name, { requests: count, bytes }]) => ({
      path: name,
      requests: count,
      MB: Number((bytes / 1e6).toFixed(1)),
    })),
);
console.table(
  worstHours
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([hour, count]) => ({ hour, failures: count })),
);

assert.equal(lines, written.lines);
assert.equal(broken, written.broken);
assert.deepEqual(new Map(statuses), written.byStatus);
assert.deepEqual(new Map(paths), written.byPath);
assert.deepEqual(
  Array.from({ length: 24 }, (_, hour) => new Map(worstHours).get(hour) ?? 0),
  written.failuresByHour,
);
console.log(`checked: ${lines} lines of 14 gzip files, ${broken} of them no requests`);
