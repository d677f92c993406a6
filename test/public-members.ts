import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "../scripts/tidy/source-file.ts";

/** A declaration as the parser gives it: only what is looked at here. */
interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Names that the entries give out, and `Name.member` for all members of classes, interfaces and objects among them. */
export function publicMembers(root: string, entries: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (const entry of entries) {
    for (const [name, place] of importsOf(path.join(root, entry))) {
      found.add(name);
      for (const member of membersOf(place)) found.add(`${name}.${member}`);
    }
  }
  return found;
}

/** A name in a file. */
interface Place {
  readonly file: string;
  readonly name: string;
}

function treeOf(file: string): ReturnType<typeof parse> {
  return parse({ path: file, text: readFileSync(file, "utf8") });
}

/** What a file takes from other files of the project, by the name it has here; of a façade, what it gives out. */
function importsOf(file: string): Map<string, Place> {
  const { staticImports, staticExports } = treeOf(file).module;
  const names = new Map<string, Place>();
  const add = (from: string, theirs: string | null, ours: string | null): void => {
    if (!from.startsWith(".") || theirs === null || ours === null) return;
    names.set(ours, { file: path.resolve(path.dirname(file), from), name: theirs });
  };
  for (const { moduleRequest, entries } of staticImports) {
    for (const { importName, localName } of entries) {
      add(moduleRequest.value, importName.name, localName.value);
    }
  }
  for (const { entries } of staticExports) {
    for (const { moduleRequest, importName, exportName } of entries) {
      add(moduleRequest?.value ?? "", importName.name, exportName.name);
    }
  }
  return names;
}

function membersOf({ file, name }: Place): string[] {
  const body = treeOf(file).program.body as unknown as readonly Node[];
  const declarations = body
    .map((node) => (node.type === "ExportNamedDeclaration" ? node["declaration"] : node))
    .filter((node): node is Node => node !== null && declares(node as Node, name));
  if (declarations.length > 0) return declarations.flatMap((node) => membersIn(node, file));
  const elsewhere = importsOf(file).get(name);
  return elsewhere === undefined ? [] : membersOf(elsewhere);
}

function declares(node: Node, name: string): boolean {
  const first = (node["declarations"] as readonly Node[] | undefined)?.[0];
  const id = (first ?? node)["id"] as Node | null | undefined;
  return id?.["name"] === name;
}

/** The members that a declaration has itself, and those of what it names as its type or its base. */
function membersIn(node: Node, file: string): string[] {
  const inherited = (name: unknown): string[] =>
    typeof name === "string" ? membersOf({ file, name }) : [];
  switch (node.type) {
    case "ClassDeclaration": {
      const base = node["superClass"] as Node | null;
      return [...ownMembers(node), ...inherited(base?.["name"])];
    }
    case "TSInterfaceDeclaration": {
      const bases = node["extends"] as readonly Node[];
      const names = bases.map((base) => (base["expression"] as Node)["name"]);
      return [...ownMembers(node), ...names.flatMap(inherited)];
    }
    case "TSTypeAliasDeclaration":
      return referencesIn(node["typeAnnotation"] as Node).flatMap(inherited);
    case "VariableDeclaration": {
      const [first] = node["declarations"] as readonly Node[];
      const id = first?.["id"] as Node | undefined;
      const type = id?.["typeAnnotation"] as Node | null | undefined;
      return type ? referencesIn(type["typeAnnotation"] as Node).flatMap(inherited) : [];
    }
    default:
      return [];
  }
}

function ownMembers(node: Node): string[] {
  const members = (node["body"] as Node)["body"] as readonly Node[];
  return members.flatMap((member) => {
    const key = member["key"] as Node | undefined;
    const isPublic = key?.type === "Identifier" && member["accessibility"] !== "protected";
    return isPublic && key["name"] !== "constructor" ? [String(key["name"])] : [];
  });
}

/** Names of the types that a type is made of side by side. */
function referencesIn(type: Node): string[] {
  if (type.type === "TSIntersectionType") {
    return (type["types"] as readonly Node[]).flatMap(referencesIn);
  }
  if (type.type !== "TSTypeReference") return [];
  const name = (type["typeName"] as Node)["name"];
  return typeof name === "string" ? [name] : [];
}
