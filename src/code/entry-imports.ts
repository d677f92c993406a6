import fs from "node:fs";
import { pathToFileURL } from "node:url";
import type { AnyNode } from "acorn";
import { isEntry } from "./file-origin.ts";
import { moduleFile } from "./module-file.ts";
import { withoutTypes } from "./strip-types.ts";
import { nodesIn, parseStatements, stringLiteral } from "./syntax.ts";

/**
 * True if importing `file` runs the program's entry: it is the entry, or its imports lead there. `reached` are the files
 * that its text may name; only if the entry is among them are the texts read closely.
 */
export function importsEntry(file: string, reached: Iterable<string>): boolean {
  if (![...reached].some(isEntryFile)) return false;
  const seen = new Set([file]);
  for (const at of seen) {
    if (isEntryFile(at)) return true;
    for (const specifier of staticImports(at)) {
      const found = moduleFile(specifier, pathToFileURL(at).href);
      if (found !== undefined) seen.add(found);
    }
  }
  return false;
}

function isEntryFile(file: string): boolean {
  return isEntry(pathToFileURL(file).href);
}

/** What a module imports when it loads; nothing is known of a text that cannot be read. */
function staticImports(file: string): string[] {
  try {
    const text = fs.readFileSync(file, "utf8");
    const statements = parseStatements(
      /\.[mc]?tsx?$/.test(file) ? withoutTypes(text) : text,
      "module",
    );
    const used = usedNames(statements);
    return statements.flatMap((statement) => {
      const source = importSource(statement, used);
      return source === undefined ? [] : [source];
    });
  } catch {
    return [];
  }
}

function importSource(statement: AnyNode, used: ReadonlySet<string>): string | undefined {
  if (statement.type === "ImportDeclaration") {
    // Compilers leave out imports that only types use.
    const { specifiers } = statement;
    const isLeft = specifiers.length === 0 || specifiers.some(({ local }) => used.has(local.name));
    return isLeft ? stringLiteral(statement.source) : undefined;
  }
  if (statement.type !== "ExportNamedDeclaration" && statement.type !== "ExportAllDeclaration") {
    return undefined;
  }
  return stringLiteral(statement.source);
}

function usedNames(statements: readonly AnyNode[]): Set<string> {
  const names = new Set<string>();
  const others = statements.filter(({ type }) => type !== "ImportDeclaration");
  for (const node of nodesIn(others)) if (node.type === "Identifier") names.add(node.name);
  return names;
}
