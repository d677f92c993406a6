import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { seededRandom } from "../../src/base/seeded-random.ts";
import { temporaryFolder } from "../client/support.ts";
import { startProgram } from "./run-program.ts";

const folder = temporaryFolder();
const kills = 10;
/** Most kills must find tasks running; a few may fall between two invocations or into the planning of a start. */
const hitsMin = 5;

/** How a program is run: without backups of stragglers nothing runs twice but what a kill interrupts. */
const ways = [{ before: "no-backups" }, {}] as const;

/** What is run over and over: the lines its tasks write if nothing is repeated, and its result by a formula. */
const programs = [
  // Leaves of 50,000 bytes are stored; the task of one group counts itself.
  { name: "counted-groups", leaves: 60, lines: 60 + 1, result: (60 * 59) / 2 + 60 * 50_000 },
  // Sums of 8: 15, 2 and 1. All values ride in the journal.
  { name: "counted-tree", leaves: 120, lines: 120 + 15 + 2 + 1, result: (120 * 119) / 2 },
] as const;

/** One run of a program to its end, in a store of its own, through any number of kills. */
class Round {
  readonly program: (typeof programs)[number];
  readonly #way: (typeof ways)[number];
  readonly #args: readonly [string, string, string];
  /** Tasks that were sent and not answered when a kill came. */
  lost = 0;
  #answeredAt = 0;

  constructor(number: number) {
    this.program = number % 2 === 0 ? programs[0] : programs[1];
    // Two rounds see both programs and both ways, four every pair.
    this.#way = (number + Math.floor(number / 2)) % 2 === 0 ? ways[0] : ways[1];
    const [store, executions, inFlight] = ["store", "executions", "in-flight"];
    const file = (name: string): string => path.join(folder.path, `${name}-${number}`);
    this.#args = [file(store), file(executions), file(inFlight)];
  }

  get isWithoutBackups(): boolean {
    return "before" in this.#way;
  }

  get executed(): number {
    return lines(this.#args[1]).length;
  }

  /** Chunks in the store that are too large to ride in a reply. */
  get chunks(): number {
    const names = readdirSync(this.#args[0], { recursive: true, encoding: "utf8" });
    // Workers that have not noticed the kill yet may give their temporary files other names meanwhile.
    const bytesOf = (name: string): number =>
      statSync(path.join(this.#args[0], name), { throwIfNoEntry: false })?.size ?? 0;
    const finished = names.filter((name) => !path.basename(name).startsWith(".tmp-"));
    return finished.filter((name) => bytesOf(name) > 32 * 1024).length;
  }

  /** Tasks that a backup has run a second time. */
  get backups(): number {
    return lines(`${this.#args[2]}-backups`).length;
  }

  /** Starts the program; kills it `delayMs` after its tasks have written `more` lines, unless it ends before. */
  async run(more: number, delayMs: number): Promise<{ killed: boolean; hit: number }> {
    const program = startProgram(this.program.name, this.#args, this.#way);
    const seen = { ended: false };
    const end = program.ended.finally(() => {
      seen.ended = true;
    });
    // Workers of the start before have gone by the time this one sends its first tasks.
    const sent = lines(this.#args[2]).length;
    while (!seen.ended && lines(this.#args[2]).length === sent) await turn(2);
    const wanted = this.executed + more;
    while (!seen.ended && this.executed < wanted) await turn(2);
    if (!seen.ended) await turn(delayMs);
    program.process.kill("SIGKILL");
    const how = await end;
    expect(["SIGKILL", 0], program.output.stderr).toContain(how);
    if (how === 0) expect(program.output.stdout).toContain(`result ${this.program.result}\n`);
    return { killed: how !== 0, hit: how === 0 ? 0 : this.#takeOpen() };
  }

  #takeOpen(): number {
    const sum = lines(this.#args[2]).reduce((total, line) => total + Number(line), 0);
    const open = sum - this.#answeredAt;
    this.#answeredAt = sum;
    this.lost += open;
    return open;
  }
}

test.each([
  { place: "measured", what: "when the stage is measured" },
  { place: "expanded", what: "when the plan has grown and the scheduler does not know it" },
  { place: "added", what: "when the first tasks of the grown plan are sent" },
])(
  "a program killed inside the expansion of its plan, $what, and there again when it resumes, repeats only what was in flight",
  async ({ place }) => {
    const file = (name: string): string => path.join(folder.path, `${name}-${place}`);
    const [store, executions, inFlight] = [file("store"), file("executions"), file("in-flight")];
    const { name, leaves, result, lines: expected } = programs[0];
    let lost = 0;
    for (const attempt of [1, 2]) {
      const stopped = file(`stopped-${attempt}`);
      const program = startProgram(name, [store, executions, inFlight], {
        before: "stop-in-expansion",
        env: { LAMBDASK_TEST_STOP_AT: place, LAMBDASK_TEST_STOPPED: stopped },
      });
      const seen = { ended: false };
      void program.ended.then(() => {
        seen.ended = true;
      });
      while (!existsSync(stopped) && !seen.ended) await turn(5);
      expect(seen.ended, program.output.stderr).toBe(false);
      expect(new Set(lines(executions)).size).toBe(leaves);
      program.process.kill("SIGKILL");
      expect(await program.ended).toBe("SIGKILL");
      lost = lines(inFlight).reduce((total, line) => total + Number(line), 0);
      if (place !== "added") expect(lost).toBe(0);
    }
    const program = startProgram(name, [store, executions, inFlight], { before: "no-backups" });
    expect(await program.ended, program.output.stderr).toBe(0);
    expect(program.output.stdout).toContain(`result ${result}\n`);
    expect(lines(executions).length).toBeGreaterThanOrEqual(expected);
    expect(lines(executions).length).toBeLessThanOrEqual(expected + lost);
  },
);

test("programs killed at ten random moments of their work and started again give the right result and repeat only what was in flight", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.log(`seed ${seed}`);
  const random = seededRandom(seed);
  const hits: number[] = [];
  let chunksMost = 0;
  let afterLeaves = 0;
  for (let number = 0; hits.length < kills; number++) {
    const round = new Round(number);
    for (;;) {
      // Once in each round all leaves have begun: what reads them, and the expansion of the plan, is next.
      const rest = round.program.leaves - round.executed;
      const atExchange = rest > 0 && rest < 30;
      const more = hits.length >= kills ? Infinity : atExchange ? rest : 1 + random.below(20);
      const outcome = await round.run(more, random.below(60));
      if (!outcome.killed) break;
      hits.push(outcome.hit);
      chunksMost = Math.max(chunksMost, round.chunks);
      if (round.executed >= round.program.leaves) afterLeaves++;
    }
    expect(round.executed).toBeGreaterThanOrEqual(round.program.lines);
    if (round.isWithoutBackups) expect(round.backups).toBe(0);
    expect(round.executed).toBeLessThanOrEqual(round.program.lines + round.lost + round.backups);
  }
  console.log(
    `tasks in flight at each kill: ${hits.join(", ")}; ${afterLeaves} kills when all leaves had begun; up to ${chunksMost} chunks stored`,
  );
  expect(chunksMost).toBeGreaterThan(0);
  expect(hits).toHaveLength(kills);
  expect(hits.filter((open) => open > 0).length).toBeGreaterThanOrEqual(hitsMin);
});

function lines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
}

function turn(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
