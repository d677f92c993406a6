import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { AwsOptions } from "../../src/aws/aws-options.ts";
import type { Counter } from "./builtin/observed.ts";

const program = path.join(import.meta.dirname, "programs", "counted-sum.ts");
/** Tasks of the program: 60 leaves, sums of 8: 8, then 1. */
export const countedTasks: number = 60 + 8 + 1;
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

/** One program (`counted-sum.ts`) that is started until it is through, with its cloud empty at the beginning. */
export class KilledProgram {
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
    else if (!output.text.includes(`result ${result}\n`)) throw new Error(output.text);
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
