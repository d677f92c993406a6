import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Benchmark } from "./benchmark.ts";

const notBenchmarks = ["main.ts", "benchmark.ts"];

/** Every file beside this one that exports a benchmark. */
async function findBenchmarks(): Promise<Benchmark[]> {
  const files = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith(".ts") && !notBenchmarks.includes(file))
    .sort();
  const found: Benchmark[] = [];
  for (const file of files) {
    const url = pathToFileURL(join(import.meta.dirname, file)).href;
    const exported: Record<string, unknown> = await import(url);
    for (const value of Object.values(exported)) if (isBenchmark(value)) found.push(value);
  }
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

async function main(): Promise<void> {
  const benchmarks = await findBenchmarks();
  const name = process.argv[2];
  if (name === undefined) {
    for (const benchmark of benchmarks) {
      const limit = `${limitOf(benchmark)} ${benchmark.unit}`;
      console.log(`${benchmark.name.padEnd(24)} ${limit.padEnd(28)} ${benchmark.describe}`);
    }
    return;
  }
  const benchmark = benchmarks.find((candidate) => candidate.name === name);
  if (benchmark === undefined) {
    console.error(`no benchmark "${name}"; there are: ${benchmarks.map((b) => b.name).join(", ")}`);
    process.exitCode = 2;
    return;
  }
  const value = await benchmark.run();
  const { unit, atMost, atLeast } = benchmark;
  const limit = atMost === undefined ? { atLeast } : { atMost };
  console.log(JSON.stringify({ bench: name, value: Number(value.toPrecision(4)), unit, ...limit }));
  if (!meets(benchmark, value)) process.exitCode = 1;
}

await main();
