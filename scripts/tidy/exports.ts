import { at, parse, type SourceFile } from "./source-file.ts";

/** Exported declarations without a doc comment right before them. */
export function checkDocComments(files: readonly SourceFile[]): string[] {
  const problems: string[] = [];
  for (const file of files) {
    const { program, comments } = parse(file);
    const docEnds = comments.filter((c) => c.value.startsWith("*")).map((c) => c.end);
    const overloaded = new Set<string>();
    for (const node of program.body) {
      if (node.type !== "ExportNamedDeclaration" || node.declaration === null) continue;
      const { declaration } = node;
      const name =
        "id" in declaration && declaration.id?.type === "Identifier" ? declaration.id.name : "";
      // Only the first signature of an overloaded function carries the comment.
      if (overloaded.has(name)) continue;
      if (declaration.type === "TSDeclareFunction") overloaded.add(name);
      const isDocumented = docEnds.some(
        (end) => end <= node.start && file.text.slice(end, node.start).trim() === "",
      );
      if (!isDocumented) problems.push(`${at(file, node.start)}: export without a doc comment`);
    }
  }
  return problems;
}

/** The names a façade file gives out; types are marked, and `export *` is refused. */
export function exportedNames(file: SourceFile): string[] {
  return parse(file)
    .module.staticExports.flatMap((statement) => statement.entries)
    .map((entry) => {
      const { name } = entry.exportName;
      if (name === null)
        throw new Error(`${at(file, entry.start)}: a façade lists its names one by one`);
      return entry.isType ? `type ${name}` : name;
    })
    .sort();
}
