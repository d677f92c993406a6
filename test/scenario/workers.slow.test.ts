import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { seededRandom } from "../../src/base/seeded-random.ts";
import { asCompleted, connect, type Delayed, delayed } from "../../src/index.ts";
import { localBackend } from "../../src/local/local-backend.ts";
import { temporaryFolder } from "../client/support.ts";
import { countInFlight } from "./programs/count-in-flight.ts";

const folder = temporaryFolder();

test("workers killed at random during a tree of 256 inputs: the sum is exact", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.log(`seed ${seed}`);
  const random = seededRandom(seed);
  const store = path.join(folder.path, "killed");
  await using _client = await connect({ processes: 3, store, progress: "none" });
  const slowly = delayed((i: number) => new Promise<number>((done) => setTimeout(done, 10, i)));
  const add = delayed(
    (a: number, b: number) => new Promise<number>((done) => setTimeout(done, 5, a + b)),
  );
  let level: Delayed<number>[] = Array.from({ length: 256 }, (_, i) => slowly(i));
  while (level.length > 1) {
    level = level.flatMap((left, i) => {
      const right = level[i + 1];
      return i % 2 === 0 && right ? [add(left, right)] : [];
    });
  }
  let kills = 0;
  const killer = setInterval(() => {
    const pids = workerPids();
    const pid = pids[random.below(pids.length)];
    if (pid !== undefined && kills < 8) {
      process.kill(pid, "SIGKILL");
      kills += 1;
    }
  }, 150);
  const total = await level[0]?.compute();
  clearInterval(killer);
  expect(total).toBe((256 * 255) / 2);
  expect(kills).toBeGreaterThan(0);
});

test("scaling 1 → 4 → 1 in the middle of a run computes each task once", async () => {
  const executions = path.join(folder.path, "scaled");
  const store = path.join(folder.path, "scale-store");
  const inFlight = path.join(folder.path, "scale-in-flight");
  const backend = countInFlight(localBackend({ processes: 1, store }), inFlight);
  await using client = await connect({ backend, progress: "none" });
  const count = 300;
  const futures = client.map(
    async (i: number) => {
      appendFileSync(executions, `${i}\n`);
      await new Promise((done) => setTimeout(done, 5));
      return i * i;
    },
    Array.from({ length: count }, (_, i) => i),
  );
  let ended = 0;
  for await (const _ of asCompleted(futures)) {
    ended += 1;
    if (ended === 20) client.scale(4);
    if (ended === 150) client.scale(1);
  }
  const squares = await client.gather(futures);
  expect(squares).toEqual(Array.from({ length: count }, (_, i) => i * i));
  // Backups that lost may still run.
  await client.close();
  const executed = linesOf(executions).length;
  // A straggler may get a backup; whatever else runs twice would be recomputed for the scaling.
  expect(executed).toBeGreaterThanOrEqual(count);
  expect(executed).toBeLessThanOrEqual(count + linesOf(`${inFlight}-backups`).length);
});

function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
}

/** Processes that this one has started. */
function workerPids(): number[] {
  const list = execFileSync("ps", ["-o", "pid=,args=", "--ppid", String(process.pid)], {
    encoding: "utf8",
  });
  return list
    .split("\n")
    .flatMap((line) => (line.includes("process-main") ? [Number.parseInt(line, 10)] : []));
}
