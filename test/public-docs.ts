import { readFileSync } from "node:fs";
import path from "node:path";

/** A public name, or a public member of a class, and what is written above it. */
export interface PublicDoc {
  readonly name: string;
  /** True of types, which carry no example of their own. */
  readonly isType: boolean;
  /** The doc comment's lines without their stars; undefined if there is none. */
  readonly text: string | undefined;
}

/** The classes whose members are public too, each by the declaration that has them. */
const membersOf: Readonly<Record<string, string>> = {
  Bag: "export class Bag",
  Client: "export class Client",
  Future: "export class Future",
  Delayed: "export interface DelayedMethods",
};

/** Members that the language calls, or that are for this library alone. */
const silent = new Set(["constructor", "[Symbol.dispose]", "[Symbol.asyncDispose]"]);

/** Everything that the entries give out, with its doc comment. */
export function publicDocs(root: string, entries: readonly string[]): PublicDoc[] {
  return entries.flatMap((entry) => {
    const text = readFileSync(path.join(root, entry), "utf8");
    return [...text.matchAll(/export (type )?\{([^}]*)\} from "([^"]+)"/g)].flatMap(
      ([, allTypes, names = "", from = ""]) => {
        const lines = readFileSync(path.join(root, path.dirname(entry), from), "utf8").split("\n");
        return names
          .split(",")
          .map((name) => name.trim())
          .filter((name) => name !== "")
          .flatMap((name) => docsOf(name.replace(/^type /, ""), lines, allTypes !== undefined));
      },
    );
  });
}

function docsOf(name: string, lines: readonly string[], inTypes: boolean): PublicDoc[] {
  const at = lines.findIndex((line) =>
    new RegExp(`^export (?:async )?(?:function|class|const|interface|type) ${name}\\b`).test(line),
  );
  const isType = inTypes
    ? !/ class /.test(lines[at] ?? "")
    : /(?:interface|type) /.test(lines[at] ?? "");
  const own = { name, isType, text: commentAbove(lines, at) };
  const holder = membersOf[name];
  return holder === undefined ? [own] : [own, ...memberDocs(name, holder, lines)];
}

function memberDocs(name: string, holder: string, lines: readonly string[]): PublicDoc[] {
  const start = lines.findIndex((line) => line.startsWith(holder));
  const end = lines.indexOf("}", start);
  const found = new Map<string, PublicDoc>();
  for (let i = start + 1; i < end; i++) {
    const member = /^ {2}(?:async )?(?:get )?\*?([a-z]\w*|\[Symbol\.\w+\])[<(]/.exec(
      lines[i] ?? "",
    );
    const key = member?.[1];
    if (key === undefined || silent.has(key) || found.has(key)) continue;
    found.set(key, { name: `${name}.${key}`, isType: false, text: commentAbove(lines, i) });
  }
  return [...found.values()];
}

function commentAbove(lines: readonly string[], at: number): string | undefined {
  if (!lines[at - 1]?.trimEnd().endsWith("*/")) return undefined;
  let start = at - 1;
  while (start > 0 && !lines[start]?.trimStart().startsWith("/**")) start--;
  return lines
    .slice(start, at)
    .map((line) => line.trim().replace(/^\/\*\* ?|^\*\/$|^\* ?/, ""))
    .join("\n");
}

/** The programs in a doc comment's `@example` sections. */
export function examplesOf(text: string): string[] {
  return [...text.matchAll(/@example\n```ts\n([\s\S]*?)\n```/g)].map(([, code = ""]) => code);
}
