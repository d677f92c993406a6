import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

/** What Node 20 does not have: an import of it by name would fail before our own message can be given. */
const newerThanNode20 = [
  "findPackageJSON",
  "stripTypeScriptTypes",
  "zstdCompressSync",
  "zstdDecompressSync",
  "globSync",
];

/** The files that `import "…/src/index.ts"` and `bag.ts` load at once. */
function loadedFiles(entries: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  const open = [...entries];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (found.has(file)) continue;
    const text = readFileSync(file, "utf8");
    found.set(file, text);
    const folder = path.dirname(file);
    for (const [, from = ""] of text.matchAll(/^(?:import|export|\}) (?!type).*"(\.[^"]+)";$/gm)) {
      open.push(path.join(folder, from));
    }
  }
  return found;
}

test("a Node that is too old can load the library, and so gets its message", () => {
  const source = path.resolve(import.meta.dirname, "../../src");
  const files = loadedFiles([path.join(source, "index.ts"), path.join(source, "bag.ts")]);
  expect(files.size).toBeGreaterThan(50);
  const named = [...files].flatMap(([file, text]) =>
    [...text.matchAll(/^import .*\{([^}]*)\} from "node:/gm)]
      .flatMap(([, names = ""]) => names.split(",").map((name) => name.trim()))
      .filter((name) => newerThanNode20.includes(name))
      .map((name) => `${path.relative(source, file)}: ${name}`),
  );
  expect(named).toEqual([]);
});
