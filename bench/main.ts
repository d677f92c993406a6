import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Benchmark } from "./benchmark.ts";

const notBenchmarks = ["main.ts", "benchmark.ts"];

const folder = import.meta.dirname;

function benchmarkNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".ts") && !notBenchmarks.includes(file))
    .map((file) => file.slice(0, -".ts".length))
    .sort();
}

/** The benchmark in the file of its name. */
async function load(name: string): Promise<Benchmark> {
  const url = pathToFileURL(join(folder, `${name}.ts`)).href;
  const exported = (await import(url)) as Record<string, unknown>;
  const found = Object.values(exported).find(isBenchmark);
  if (found === undefined) throw new Error(`bench/${name}.ts exports no benchmark`);
  return found;
}

function isBenchmark(value: unknown): value is Benchmark {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    "unit" in value &&
    "run" in value &&
    typeof value.run === "function"
  );
}

function limitOf({ atMost, atLeast }: Benchmark): string {
  return atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`;
}

function meets({ atMost, atLeast }: Benchmark, value: number): boolean {
  return value <= (atMost ?? Number.POSITIVE_INFINITY) && value >= (atLeast ?? 0);
}

async function list(): Promise<void> {
  for (const name of benchmarkNames()) {
    const benchmark = await load(name);
    const limit = `${limitOf(benchmark)} ${benchmark.unit}`;
    console.log(`${name.padEnd(24)} ${limit.padEnd(28)} ${benchmark.describe}`);
  }
}

async function run(name: string): Promise<void> {
  if (!benchmarkNames().includes(name)) {
    console.error(`no benchmark "${name}"; there are: ${benchmarkNames().join(", ")}`);
    process.exitCode = 2;
    return;
  }
  const benchmark = await load(name);
  const value = await benchmark.run();
  const { unit, atMost, atLeast } = benchmark;
  const limit = atMost === undefined ? { atLeast } : { atMost };
  console.log(JSON.stringify({ bench: name, value: Number(value.toPrecision(4)), unit, ...limit }));
  if (!meets(benchmark, value)) process.exitCode = 1;
}

const wanted = process.argv[2];
await (wanted === undefined ? list() : run(wanted));
