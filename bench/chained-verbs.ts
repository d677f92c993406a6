import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { chainProgram, verbsOfBag } from "../test/types/chains.ts";
import type { Benchmark } from "./benchmark.ts";

const root = path.join(import.meta.dirname, "..");
const repetitions = 5;

function program(links: number): string {
  return `import { type Bag, fromSequence } from "../src/bag.ts";\n${chainProgram(verbsOfBag, links)}`;
}

/** Seconds that the compiler takes to check one program, its start and the reading of files left out. */
function checkSeconds(folder: string, links: number): number {
  fs.writeFileSync(path.join(folder, "chain.ts"), program(links));
  const settings = {
    extends: path.join(root, "tsconfig.json"),
    include: ["chain.ts"],
    compilerOptions: { declaration: false, isolatedDeclarations: false, noUnusedLocals: false },
  };
  fs.writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify(settings));
  const { resolve } = createRequire(import.meta.url);
  const compiler = path.join(path.dirname(resolve("typescript/package.json")), "bin/tsc");
  const said = execFileSync(
    process.execPath,
    [compiler, "--project", folder, "--extendedDiagnostics"],
    { encoding: "utf8" },
  );
  return Number(/^Check time:\s*([0-9.]+)s$/m.exec(said)?.[1]);
}

/** What a chain of 40 verbs costs the type checker. */
export const chainedVerbs: Benchmark = {
  name: "chained-verbs",
  describe:
    "types of 40 chained verbs of a bag: the compiler's own check time beyond that of a bag without verbs, each the least of 5",
  unit: "s",
  atMost: 1,
  run() {
    const folder = fs.mkdtempSync(path.join(root, ".chained-verbs-"));
    try {
      const took = Array.from({ length: repetitions }, () =>
        [0, 40].map((links) => checkSeconds(folder, links)),
      );
      const [without = 0, chained = 0] = [0, 1].map((which) =>
        Math.min(...took.map((pair) => pair[which] ?? 0)),
      );
      return Promise.resolve(chained - without);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  },
};
