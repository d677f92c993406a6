import { createRequire } from "node:module";
import type { AnyNode, Node, Options, Pattern } from "acorn";

type Parse = (text: string, options: Options) => Node;

let loaded: Parse | undefined;

/** Acorn's `parse`. Loaded at the first capture, so that importing the library stays cheap. */
function parser(): Parse {
  loaded ??= (createRequire(import.meta.url)("acorn") as { parse: Parse }).parse;
  return loaded;
}

/** For bundled workers, which have no packages: the parser that the bundle holds. */
export function provideParser(parse: Parse): void {
  loaded = parse;
}

/** How the text is to be read: what a `.mjs`, a plain script or a CommonJS file may hold. */
export type SourceType = "module" | "script" | "commonjs";

/** The statements of `text`; throws acorn's SyntaxError. */
export function parseStatements(text: string, sourceType: SourceType): readonly AnyNode[] {
  const program = parser()(text, {
    ecmaVersion: "latest",
    sourceType: sourceType === "commonjs" ? "script" : sourceType,
    allowReturnOutsideFunction: sourceType === "commonjs",
    allowAwaitOutsideFunction: sourceType === "module",
    allowSuperOutsideMethod: true,
    allowHashBang: true,
  }) as Extract<AnyNode, { type: "Program" }>;
  return program.body;
}

/** True if `value` is a node of a syntax tree. */
export function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

/** The nodes directly below `node`, in source order. */
export function childrenOf(node: AnyNode): AnyNode[] {
  const found: AnyNode[] = [];
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) found.push(item);
    } else if (isNode(value)) found.push(value);
  }
  return found;
}

/** `roots` and all nodes below them that `enter` lets in, the last first. */
export function* nodesIn(
  roots: Iterable<AnyNode>,
  enter: (node: AnyNode) => boolean = () => true,
): Generator<AnyNode> {
  const open = [...roots];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (!enter(node)) continue;
    yield node;
    // One by one: a list in the text may have more items than a call takes arguments.
    for (const child of childrenOf(node)) open.push(child);
  }
}

/** Adds to `names` every name that `pattern` declares. */
export function declaredNames(pattern: Pattern | null | undefined, names: Set<string>): void {
  if (!pattern) return;
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- a member expression declares nothing
  switch (pattern.type) {
    case "Identifier":
      names.add(pattern.name);
      return;
    case "ObjectPattern":
      for (const property of pattern.properties) {
        declaredNames(property.type === "RestElement" ? property.argument : property.value, names);
      }
      return;
    case "ArrayPattern":
      for (const element of pattern.elements) declaredNames(element, names);
      return;
    case "AssignmentPattern":
      declaredNames(pattern.left, names);
      return;
    case "RestElement":
      declaredNames(pattern.argument, names);
      return;
    default:
      return;
  }
}

/** Adds to `names` what `var` declares anywhere in a function's body, nested functions apart. */
export function hoistedNames(node: AnyNode, names: Set<string>): void {
  if (node.type === "VariableDeclaration" && node.kind === "var") {
    for (const declarator of node.declarations) declaredNames(declarator.id, names);
  }
  if (/Function|Class/.test(node.type)) return;
  for (const child of childrenOf(node)) hoistedNames(child, names);
}

/** Adds to `names` what the statements of one block declare by `let`, `const`, `function` and `class`. */
export function blockNames(statements: readonly AnyNode[], names: Set<string>): void {
  for (const statement of statements) {
    if (statement.type === "VariableDeclaration") {
      if (statement.kind === "var") continue;
      for (const declarator of statement.declarations) declaredNames(declarator.id, names);
    } else if (statement.type === "FunctionDeclaration" || statement.type === "ClassDeclaration") {
      if (statement.id) names.add(statement.id.name);
    }
  }
}

/** The text of a literal that is a string, or a template without expressions. */
export function stringLiteral(node: AnyNode | null | undefined): string | undefined {
  if (node?.type === "TemplateLiteral" && node.expressions.length === 0) {
    return node.quasis[0]?.value.cooked ?? undefined;
  }
  return node?.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}
