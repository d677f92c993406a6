import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exportedNames } from "../scripts/tidy/exports.ts";
import { examplesOf, publicDocs } from "./public-docs.ts";

const root = path.resolve(import.meta.dirname, "..");
const entries = ["src/index.ts", "src/bag.ts", "src/datasets.ts"];
const docs = publicDocs(root, entries);
const examples = docs.flatMap(({ name, text = "" }) =>
  examplesOf(text).map((code) => ({ name, code })),
);

const folder = mkdtempSync(path.join(tmpdir(), "lambdask-examples-"));
const file = path.join(folder, "examples.ts");
afterAll(() => rmSync(folder, { recursive: true }));

/** What an example printed, or the error that it ended with. */
interface Outcome {
  readonly printed: readonly string[];
  readonly error?: string;
}
let outcomes: readonly Outcome[] = [];

/** All examples as one program, in functions of their own, with one client for those that make none. */
function program(): string {
  const imports = entries.map((entry) => {
    const text = readFileSync(path.join(root, entry), "utf8");
    const names = exportedNames({ path: entry, text });
    return `import { ${names.join(", ")} } from "${pathToFileURL(path.join(root, entry)).href}";`;
  });
  return `${imports.join("\n")}
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { format } from "node:util";

const outcomes: object[] = [];
const print = console.log;
async function example(run: () => Promise<void>): Promise<void> {
  const printed: string[] = [];
  console.log = (...values: unknown[]) => void printed.push(...format(...values).split("\\n"));
  outcomes.push(await run().then(() => ({ printed }), (error: unknown) => ({ printed, error: String(error) })));
}
await using client = await connect({ processes: 2, progress: "none" });
${examples.map(({ code }) => `await example(async () => {\n${code}\n});`).join("\n")}
print(JSON.stringify(outcomes));
`;
}

beforeAll(async () => {
  mkdirSync(path.join(folder, "words"));
  writeFileSync(path.join(folder, "words/a.txt"), "to be or not\nto be\n");
  writeFileSync(path.join(folder, "words/b.txt"), "to go\n");
  writeFileSync(file, program());
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: folder });
  // What tasks print comes first; the program above writes the last line in this form.
  outcomes = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Outcome[];
}, 120_000);

test.each(docs)("$name has a doc comment, and an example if it can be used", ({ isType, text }) => {
  expect(text).toBeDefined();
  if (!isType) expect(examplesOf(text ?? "").length).toBeGreaterThan(0);
});

test.each(examples.map((example, index) => ({ ...example, index })))(
  "the example of $name runs and prints what it says",
  ({ code, index }) => {
    const outcome = outcomes[index];
    expect(outcome?.error).toBeUndefined();
    const promised = [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, line]) => line);
    if (promised.length > 0) expect(outcome?.printed).toEqual(promised);
  },
);

test("the examples pass the compiler in strict mode", async () => {
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const typed = path.join(folder, "typed.ts");
  writeFileSync(
    typed,
    readFileSync(file, "utf8").replaceAll(pathToFileURL(root).href, path.relative(folder, root)),
  );
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    target: "es2024",
    lib: ["esnext"],
    module: "nodenext",
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
    typeRoots: [path.join(root, "node_modules/@types")],
  };
  writeFileSync(
    path.join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: [typed] }),
  );
  const compiler = path.join(root, "node_modules/typescript/bin/tsc");
  await promisify(execFile)(process.execPath, [compiler, "-p", folder]).catch((error: unknown) => {
    throw new Error(String((error as { readonly stdout?: string }).stdout ?? error));
  });
});
