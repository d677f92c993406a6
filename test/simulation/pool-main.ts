import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Random, seededRandom } from "../../src/base/seeded-random.ts";
import { answers, fakePool, invocation, never } from "../local/fake-pool.ts";
import { runSeeds } from "./run-seeds.ts";

type Pool = ReturnType<typeof fakePool>["pool"];

/** The pool of processes that runs a client's work, with workers that do what each task says. */
await runSeeds(async (seed) => {
  const random = seededRandom(seed);
  const slots = 1 + random.below(2);
  const folder = mkdtempSync(path.join(os.tmpdir(), "lambdask-pool-"));
  await using used = fakePool(slots);
  try {
    return (
      (await deathAmidTasks(used.pool, random)) ??
      (await moreThanFit(used.pool, { slots, folder })) ??
      (await afterADeadline(used.pool, folder))
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** What was answered before the worker died must be told; what was not must not. */
async function deathAmidTasks(pool: Pool, random: Random): Promise<string | undefined> {
  const name = String(random.below(1e9));
  const outcome = await pool.invoke(invocation([`echo ${name}`, "kill", "echo late"]), never);
  if (outcome.kind !== "lost") return "the death of a worker is not told";
  const [first, ...rest] = answers(outcome);
  if (first !== name) return "an answer from before a worker's death is lost";
  return rest.length > 0 ? "a task has answered after its worker's death" : undefined;
}

/** At most as many invocations run as there are slots; the others must be sent back, not wait. */
async function moreThanFit(
  pool: Pool,
  { slots, folder }: { readonly slots: number; readonly folder: string },
): Promise<string | undefined> {
  const file = path.join(folder, "go");
  const running = Array.from({ length: slots + 1 }, () =>
    pool.invoke(invocation([`wait-for-file ${file}`]), never),
  );
  // Those that wait for the file end only when it is there.
  const first = await Promise.race([...running, pause(500, undefined)]);
  writeFileSync(file, "");
  const outcomes = await Promise.all(running);
  const sentBack = outcomes.filter(
    (outcome) => outcome.kind === "lost" && outcome.failure.kind === "throttle",
  );
  if (first === undefined || sentBack.length !== 1)
    return "more invocations run than there are slots";
  return outcomes.filter(({ kind }) => kind === "answered").length === slots
    ? undefined
    : "an invocation that fits was not answered";
}

/** The deadline of an invocation that was answered in time must not end a later one. */
async function afterADeadline(pool: Pool, folder: string): Promise<string | undefined> {
  const file = path.join(folder, "later");
  const timeoutMs = 300;
  const quick = await pool.invoke(invocation(["echo x"], { timeoutMs }), never);
  // A machine under load may take longer for the first one: nothing is learnt then.
  if (quick.kind !== "answered") return undefined;
  const later = pool.invoke(invocation([`wait-for-file ${file}`]), never);
  await pause(2 * timeoutMs);
  writeFileSync(file, "");
  return (await later).kind === "answered" ? undefined : "a deadline has ended a later invocation";
}
