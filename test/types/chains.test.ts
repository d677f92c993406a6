import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chainProgram, delayedAndFutures, growingRecords, verbsOfBag } from "./chains.ts";

const root = path.join(import.meta.dirname, "../..");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-chains-"));
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** Has the compiler run as `options` say, and tells what it counted; throws what it found wrong. */
function compile(files: readonly string[], options: object): (what: string) => number {
  const settings = {
    extends: path.join(root, "tsconfig.json"),
    files,
    include: [],
    compilerOptions: { typeRoots: [path.join(root, "node_modules/@types")], ...options },
  };
  fs.writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify(settings));
  const compiler = path.join(root, "node_modules/typescript/bin/tsc");
  // With several threads the counts would depend on which file came first.
  const how = ["--project", folder, "--singleThreaded", "--extendedDiagnostics"];
  try {
    const said = execFileSync(process.execPath, [compiler, ...how], { encoding: "utf8" });
    return (what) => Number(new RegExp(`^${what}:\\s+(\\d+)$`, "m").exec(said)?.[1]);
  } catch (error) {
    throw new Error((error as { readonly stdout: string }).stdout);
  }
}

/** The declarations, which are what the users of the package compile against. */
beforeAll(() => {
  fs.writeFileSync(path.join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const declarations = {
    noEmit: false,
    emitDeclarationOnly: true,
    noCheck: true,
    rootDir: path.join(root, "src"),
    outDir: path.join(folder, "types"),
  };
  compile(
    ["index.ts", "bag.ts"].map((file) => path.join(root, "src", file)),
    declarations,
  );
});

function compileChain(text: string): (what: string) => number {
  const imports = `import { type Client, type Delayed, delayed, type Future } from "./types/index.js";
import { type Bag, fromSequence } from "./types/bag.js";
`;
  fs.writeFileSync(path.join(folder, "chain.ts"), imports + text);
  const loose = { declaration: false, isolatedDeclarations: false, noUnusedLocals: false };
  return compile([path.join(folder, "chain.ts")], loose);
}

/**
 * Instantiations of types that the compiler does in a second of one core, for chains like these: 62,000 measured, by what
 * 800 verbs take beyond 40, while others used the same cores.
 */
const perSecond = 60_000;

test.each([
  ["verbs of a bag", verbsOfBag],
  ["verbs that each give records another field", growingRecords],
  ["delayed calls and futures", delayedAndFutures],
])(
  "40 chained %s have their types, in less than a second, and 16 more cost what 16 did",
  (_, chain) => {
    const counts = [8, 24, 40].map((links) => compileChain(chainProgram(chain, links)));
    for (const what of ["Instantiations", "Types"]) {
      const [few = 0, more = 0, most = Number.NaN] = counts.map((count) => count(what));
      expect(more).toBeGreaterThan(few);
      // Types that grew by what is before them would cost twice as much here.
      expect(most - more).toBeLessThanOrEqual(1.1 * (more - few));
      expect(most).toBeLessThan(perSecond);
    }
  },
);

test("a chain whose type is another one than was said does not compile", () => {
  const wrong = { ...verbsOfBag, typeAfter: () => "Bag<any>" };
  expect(() => compileChain(chainProgram(wrong, 8))).toThrow(/Type 'true' is not assignable/);
});
