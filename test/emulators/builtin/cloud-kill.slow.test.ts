import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import type { AwsOptions } from "../../../src/aws/aws-options.ts";
import { seededRandom } from "../../../src/base/seeded-random.ts";
import { temporaryFolder } from "../../client/support.ts";
import { builtinCloud } from "../builtin-cloud.ts";
import { type Counter, startCounter } from "./observed.ts";

const folder = temporaryFolder();
const program = path.join(import.meta.dirname, "../programs", "counted-sum.ts");
const kills = 10;
/** 60 leaves, sums of 8: 8, then 1. */
const tasks = 60 + 8 + 1;
/** 0 + 1 + … + 59. */
const result = 1770;

function total(counter: Counter): number {
  return [...counter.counts.values()].reduce((a, b) => a + b, 0);
}

function lines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
}

function turn(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** One program, started until it is through, with its cloud empty at the beginning. */
class Round {
  readonly #options: AwsOptions;
  readonly #counter: Counter;
  readonly #inFlight: string;
  /** Tasks in flight at each kill. */
  readonly lost: number[] = [];
  #answered = 0;

  constructor(options: AwsOptions, counter: Counter, inFlight: string) {
    this.#options = options;
    this.#counter = counter;
    this.#inFlight = inFlight;
  }

  get executions(): number {
    return total(this.#counter);
  }

  get backups(): number {
    return lines(`${this.#inFlight}-backups`).length;
  }

  /** Starts the program and kills it some time after `more` executions; false if it was through before. */
  async run(more: number, delayMs: number): Promise<boolean> {
    const options = JSON.stringify(this.#options);
    const child = spawn(process.execPath, [program, options, this.#counter.url, this.#inFlight]);
    const ended = once(child, "close");
    const output = gathered(child);
    const wanted = this.executions + more;
    while (child.exitCode === null && this.executions < wanted) await turn(2);
    if (child.exitCode === null) await turn(delayMs);
    child.kill("SIGKILL");
    const [code] = (await ended) as [number | null];
    if (code === null) this.#noteLost();
    else expect(output.text).toContain(`result ${result}\n`);
    return code === null;
  }

  #noteLost(): void {
    const sum = lines(this.#inFlight).reduce((all, line) => all + Number(line), 0);
    this.lost.push(sum - this.#answered);
    this.#answered = sum;
  }
}

function gathered(child: ChildProcess): { text: string } {
  const output = { text: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (piece) => {
      output.text += piece;
    });
  }
  return output;
}

test("a client killed at ten random moments and started again gives the right result and repeats only what was in flight", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.log(`seed ${seed}`);
  const random = seededRandom(seed);
  await using cloud = await builtinCloud();
  let killed = 0;
  for (let number = 0; killed < kills; number++) {
    await cloud.fresh();
    await using counter = await startCounter();
    const { deployment, aws } = cloud;
    const file = (name: string): string => path.join(folder.path, `${name}-${number}`);
    const options = { endpoint: aws.endpoint, deployment, store: file("store") };
    const round = new Round(options, counter, file("in-flight"));
    while (await round.run(killed < kills ? 1 + random.below(12) : Infinity, random.below(60))) {
      killed += 1;
    }
    const lost = round.lost.reduce((a, b) => a + b, 0);
    console.log(`in flight at kills: ${round.lost.join(", ")}; executions ${round.executions}`);
    expect(round.executions).toBeGreaterThanOrEqual(tasks);
    expect(round.executions).toBeLessThanOrEqual(tasks + lost + round.backups);
  }
});
