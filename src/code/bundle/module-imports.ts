import { isBuiltin } from "node:module";
import type { CallExpression } from "acorn";
import type { CodeModule } from "../../backend/shipped-function.ts";
import { nodesIn, parseStatements, stringLiteral } from "../syntax.ts";
import { askingFile, type ImportKind, type ImportRequest } from "./bundle-format.ts";

const known = new WeakMap<CodeModule, readonly ImportRequest[]>();

/** What a code module imports besides Node's own modules: by statement, by literal `import()`, by `require`. */
export function importRequests(module: CodeModule): readonly ImportRequest[] {
  let requests = known.get(module);
  if (!requests) {
    requests = read(module);
    known.set(module, requests);
  }
  return requests;
}

function read({ text, url }: CodeModule): ImportRequest[] {
  const found = new Map<string, ImportRequest>();
  const add = (kind: ImportKind, specifier: string | undefined): void => {
    if (specifier === undefined || isBuiltin(specifier)) return;
    found.set(`${kind} ${specifier}`, { kind, specifier, from: askingFile(url) });
  };
  for (const node of nodesIn(parseStatements(text, "module"))) {
    if (node.type === "ImportDeclaration") add("import", stringLiteral(node.source));
    else if (node.type === "ImportExpression") add("import", stringLiteral(node.source));
    else if (node.type === "CallExpression") add("require", required(node));
  }
  return [...found.values()];
}

/** `require("…")`, and `createRequire(import.meta.url)("…")`, which emitted code calls by a name of its own. */
function required({ callee, arguments: [argument] }: CallExpression): string | undefined {
  const isRequire =
    callee.type === "Identifier"
      ? callee.name === "require"
      : callee.type === "CallExpression" &&
        callee.callee.type === "Identifier" &&
        callee.callee.name.startsWith("$require");
  return isRequire ? stringLiteral(argument) : undefined;
}
