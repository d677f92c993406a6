import path from "node:path";
import { Visitor } from "oxc-parser";
import { at, parse, type SourceFile } from "./source-file.ts";

/** Which rooms of src/ a room may import. */
export type RoomTable = Readonly<Record<string, readonly string[]>>;

/** One relative reference from a file to another; type-only imports count like any other. */
interface Reference {
  readonly target: string;
  readonly place: string;
}

/** References by import, export-from, import() in code or types, and `new URL(…, import.meta.url)`. */
function references(file: SourceFile): Reference[] {
  const found: Reference[] = [];
  const add = (source: unknown, offset: number): void => {
    if (typeof source !== "string" || !source.startsWith(".")) return;
    const target = path.posix.join(path.posix.dirname(file.path), source);
    found.push({ target, place: at(file, offset) });
  };
  const literal = (node: { type: string; value?: unknown } | null | undefined): unknown =>
    node?.type === "Literal" ? node.value : undefined;
  new Visitor({
    ImportDeclaration: (node) => add(node.source.value, node.start),
    ExportNamedDeclaration: (node) => add(node.source?.value, node.start),
    ExportAllDeclaration: (node) => add(node.source.value, node.start),
    ImportExpression: (node) => add(literal(node.source), node.start),
    TSImportType: (node) => add(node.source.value, node.start),
    NewExpression: (node) => {
      const isUrl = node.callee.type === "Identifier" && node.callee.name === "URL";
      if (isUrl) add(literal(node.arguments[0]), node.start);
    },
  }).visit(parse(file).program);
  return found;
}

/** The room of a file in src/, or its own name when it lies directly in src/; `functions` beside it is one too. */
function roomOf(file: string): string | undefined {
  const [top, room] = file.split("/");
  if (top === "functions") return top;
  return top === "src" ? room : undefined;
}

/** Imports between rooms that the table does not allow. */
export function checkRooms(files: readonly SourceFile[], table: RoomTable): string[] {
  const problems: string[] = [];
  for (const file of files) {
    const room = roomOf(file.path) ?? "";
    const allowed = table[room];
    if (allowed === undefined) {
      problems.push(`${file.path}: "${room}" is no room of the import table`);
      continue;
    }
    for (const { target, place } of references(file)) {
      const to = roomOf(target);
      if (to !== room && (to === undefined || !allowed.includes(to))) {
        problems.push(`${place}: ${room} may not import ${target}; allowed: ${allowed.join(" ")}`);
      }
    }
  }
  return problems;
}

/** Every file that takes part in an import cycle, with the way round. */
export function checkCycles(files: readonly SourceFile[]): string[] {
  const graph = new Map(files.map((file) => [file.path, references(file).map((r) => r.target)]));
  const finished = new Set<string>();
  const problems: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    const seenAt = trail.indexOf(file);
    if (seenAt >= 0) {
      problems.push(`import cycle: ${[...trail.slice(seenAt), file].join(" → ")}`);
      return;
    }
    if (finished.has(file)) return;
    for (const target of graph.get(file) ?? []) visit(target, [...trail, file]);
    finished.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return problems;
}

/** Files that no entry reaches: nobody would notice if they broke. */
export function checkReachable(files: readonly SourceFile[], entries: readonly string[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const queue = [...entries];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const file = byPath.get(next);
    if (file === undefined || reached.has(next)) continue;
    reached.add(next);
    queue.push(...references(file).map((reference) => reference.target));
  }
  return files
    .filter((file) => !reached.has(file.path))
    .map((file) => `${file.path}: no entry reaches this file`);
}
