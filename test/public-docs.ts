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

/** What has members that are public too, each by the declaration that has them. */
const membersOf: Readonly<Record<string, string>> = {
  Bag: "export class Bag",
  Client: "export class Client",
  Future: "export class Future",
  Item: "export class Item",
  Lease: "export class Lease",
  Lock: "export class Lock",
  Variable: "export class Variable",
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
        const file = path.join(root, path.dirname(entry), from);
        return names
          .split(",")
          .map((name) => name.trim())
          .filter((name) => name !== "")
          .flatMap((name) => docsOf(name.replace(/^type /, ""), file, allTypes !== undefined));
      },
    );
  });
}

function docsOf(name: string, file: string, inTypes: boolean): PublicDoc[] {
  const lines = linesOf(file);
  const at = lines.findIndex((line) =>
    new RegExp(`^export (?:async )?(?:function|class|const|interface|type) ${name}\\b`).test(line),
  );
  const isType = inTypes
    ? !/ class /.test(lines[at] ?? "")
    : /(?:interface|type) /.test(lines[at] ?? "");
  const own = { name, isType, text: commentAbove(lines, at) };
  const holder = membersOf[name];
  return holder === undefined ? [own] : [own, ...memberDocs({ name, holder, file })];
}

interface Holder {
  /** The public name whose members they are. */
  readonly name: string;
  readonly holder: string;
  readonly file: string;
}

function memberDocs({ name, holder, file }: Holder): PublicDoc[] {
  const lines = linesOf(file);
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
  const below = layerBelow({ name, holder, file });
  return [...found.values(), ...(below === undefined ? [] : memberDocs(below))];
}

/** What a class extends, if that is one of the project's own that is named for it (`BagCore` below `Bag`). */
function layerBelow({ name, holder, file }: Holder): Holder | undefined {
  const text = readFileSync(file, "utf8");
  const base = new RegExp(`^${holder}[^\n]* extends (${name}\\w+)`, "m").exec(text)?.[1];
  if (base === undefined) return undefined;
  const from = new RegExp(`import \\{[^}]*\\b${base}\\b[^}]*\\} from "([^"]+)"`).exec(text)?.[1];
  if (from === undefined) throw new Error(`${file}: where ${base} comes from is not found`);
  const at = path.join(path.dirname(file), from);
  return { name, holder: `export abstract class ${base}`, file: at };
}

function linesOf(file: string): string[] {
  return readFileSync(file, "utf8").split("\n");
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
