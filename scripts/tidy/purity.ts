import { Visitor } from "oxc-parser";
import { at, parse, type SourceFile } from "./source-file.ts";

const banned = new Set(["Date.now", "Math.random", "process.env", "performance.now"]);

/** Uses of the clock, of chance and of the environment, which come in through a backend instead. */
export function checkPurity(files: readonly SourceFile[]): string[] {
  const problems: string[] = [];
  for (const file of files) {
    const report = (offset: number, what: string): void => {
      problems.push(`${at(file, offset)}: ${what} is not allowed in this room`);
    };
    new Visitor({
      MemberExpression: (node) => {
        if (node.object.type !== "Identifier" || node.property.type !== "Identifier") return;
        const name = `${node.object.name}.${node.property.name}`;
        if (banned.has(name)) report(node.start, name);
      },
      NewExpression: (node) => {
        const isNow = node.callee.type === "Identifier" && node.callee.name === "Date";
        if (isNow && node.arguments.length === 0) report(node.start, "new Date()");
      },
    }).visit(parse(file).program);
  }
  return problems;
}
