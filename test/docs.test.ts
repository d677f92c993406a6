import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "..");
const documents = [
  "README.md",
  "CONTRIBUTING.md",
  ...["docs", "docs/decisions"].flatMap((folder) =>
    readdirSync(path.join(root, folder))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `${folder}/${name}`),
  ),
];

test.each(documents)("%s names only files that are there", (document) => {
  const text = readFileSync(path.join(root, document), "utf8");
  const links = [...text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(([, to = ""]) =>
    path.join(root, path.dirname(document), to),
  );
  const quoted = [...text.matchAll(/`((?:src|test|docs|bench|scripts|examples)\/[\w./-]+)`/g)]
    .map(([, name = ""]) => name)
    .map((name) => path.join(root, name));
  expect([...links, ...quoted].filter((name) => !existsSync(name))).toEqual([]);
});

test("the words of the glossary are in order, each once", () => {
  const text = readFileSync(path.join(root, "docs/glossary.md"), "utf8");
  const words = [...text.matchAll(/^\| \*\*([^*]+)\*\*/gm)].map(([, word = ""]) => word);
  expect(words).toEqual([...new Set(words)].sort((a, b) => a.localeCompare(b, "en")));
});
