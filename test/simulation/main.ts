import { spawn } from "node:child_process";
import os from "node:os";
import { parseArgs } from "node:util";
import { minimise } from "./minimise.ts";
import { installKernels } from "./program.ts";
import { runScenario } from "./scenario.ts";

/** Seeds that are put into words; beyond these only the number counts. */
const failuresTold = 5;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    from: { type: "string", default: "1" },
    trace: { type: "boolean", default: false },
    /** Set for the processes that this one starts. */
    part: { type: "boolean", default: false },
    "stop-at": { type: "string" },
  },
});

const seeds = wholeNumber("--seeds", values.seeds);
const from = wholeNumber("--from", values.from);
const stopAt = values["stop-at"] === undefined ? Infinity : Number(values["stop-at"]);

if (values.trace || values.part || seeds < 50) await runHere();
else await runInParts();

/** Runs the seeds one after another in this process. */
async function runHere(): Promise<void> {
  installKernels();
  let violations = 0;
  for (let seed = from; seed < from + seeds && violations < stopAt; seed++) {
    const trace = values.trace ? { trace: (line: string) => console.log(line) } : {};
    const { violation, faults } = await runScenario({ seed, ...trace });
    if (violation === undefined) continue;
    violations++;
    if (violations > failuresTold) continue;
    console.log(`seed ${seed} (${faults.join(", ")}): ${violation}`);
    console.log(`  replay: npm run test:simulation -- --seeds 1 --from ${seed} --trace`);
    if (!values.trace && stopAt === Infinity) console.log(`  ${await minimise(seed)}`);
  }
  finish(violations);
}

/** Shares the seeds among as many processes as there are cores. */
async function runInParts(): Promise<void> {
  const parts = Math.max(1, Math.min(os.availableParallelism(), Math.ceil(seeds / 50)));
  const each = Math.ceil(seeds / parts);
  const counts = await Promise.all(
    Array.from({ length: parts }, (_, part) => {
      const first = from + part * each;
      return runPart(first, Math.max(0, Math.min(each, from + seeds - first)));
    }),
  );
  finish(counts.reduce((a, b) => a + b, 0));
}

/** Runs seeds in a process of their own and gives the number of violations. */
function runPart(first: number, count: number): Promise<number> {
  const args = ["--seeds", String(count), "--from", String(first), "--part"];
  if (Number.isFinite(stopAt)) args.push("--stop-at", String(stopAt));
  const child = spawn(process.execPath, [...process.execArgv, import.meta.filename, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let last = "";
  let told = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    told += text;
    const lines = told.split("\n");
    told = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("simulation:")) last = line;
      else console.log(line);
    }
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const found = /(\d+) violations/.exec(last);
      // A process that ends without its last line has broken down: that is a violation too.
      if (found === null) console.log(`seeds from ${first} on: the process ended with ${code}`);
      resolve(found === null ? 1 : Number(found[1]));
    });
  });
}

function finish(violations: number): void {
  console.log(`simulation: ${seeds} seeds, ${violations} violations`);
  process.exitCode = violations === 0 ? 0 : 1;
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0) return number;
  console.error(`${option}: expected a whole number, got ${text}`);
  process.exit(2);
}
