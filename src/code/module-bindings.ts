import type { AnyNode, Expression, VariableDeclarator } from "acorn";
import { nodesIn, parseStatements, type SourceType, stringLiteral } from "./syntax.ts";

/** A variable of a module that stands for something imported. */
export interface ImportBinding {
  readonly specifier: string;
  /** `*` for the namespace or, with `require`, for what it returns. */
  readonly imported: string;
  /** `vite`: the specifier was already resolved, relative to the root of the vite project. */
  readonly how: "import" | "require" | "vite";
  /** Import attributes, as source text. */
  readonly attributes?: string;
  /** How a compiled program makes a namespace of what `require` gives: esbuild's and TypeScript's helpers. */
  readonly wrapped?: "esm" | "node" | "default";
}

/** What a module's own text says of its top level. */
export interface ModuleBindings {
  readonly imports: ReadonlyMap<string, ImportBinding>;
  /** Exported functions and classes: offset of the declaration or expression in the text → exported name. */
  readonly exports: ReadonlyMap<number, string>;
  /** Constants that are not functions: their initialisers. */
  readonly constants: ReadonlyMap<string, Initialiser>;
}

/** How a module's constant is made. */
export interface Initialiser {
  readonly start: number;
  readonly end: number;
  /** The variable that the expression starts at: `z` in `z.object({}).strict()`. */
  readonly root: string | undefined;
}

/** Reads the imports and exports of a module's text; nothing is known of a text that cannot be read. */
export function moduleBindings(text: string): ModuleBindings {
  const reader = new Reader();
  const statements = parsed(text);
  if (statements) reader.read(body(statements));
  return reader.result();
}

function parsed(text: string): readonly AnyNode[] | undefined {
  const types: readonly SourceType[] = ["module", "script", "commonjs"];
  for (const type of types) {
    try {
      return parseStatements(text, type);
    } catch {}
  }
  return undefined;
}

/** True if a function declaration, and no expression, starts at `offset`; a text that cannot be read may have one. */
export function isDeclaredAt(text: string, offset: number): boolean {
  const around = (node: AnyNode): boolean => node.start <= offset && node.end > offset;
  for (const node of nodesIn(parsed(text) ?? [], around)) {
    if (node.start === offset && /^Function/.test(node.type)) {
      return node.type === "FunctionDeclaration";
    }
  }
  return true;
}

/** The statements that are the module's top level: vite and bundlers wrap it in a function. */
function body(statements: readonly AnyNode[]): readonly AnyNode[] {
  const code = statements.filter((s) => !(s.type === "ExpressionStatement" && s.directive));
  const [only] = code;
  if (code.length !== 1 || only === undefined) return code;
  if (only.type === "BlockStatement") return body(only.body);
  if (only.type !== "ExpressionStatement") return code;
  let wrapper: Expression | AnyNode = only.expression;
  if (wrapper.type === "CallExpression") wrapper = wrapper.callee;
  if (wrapper.type !== "ArrowFunctionExpression" && wrapper.type !== "FunctionExpression") {
    return code;
  }
  return wrapper.body.type === "BlockStatement" ? body(wrapper.body.body) : code;
}

class Reader {
  readonly #imports = new Map<string, ImportBinding>();
  readonly #exported = new Map<string, string>();
  readonly #declared = new Map<string, AnyNode>();
  readonly #exports = new Map<number, string>();
  readonly #constants = new Map<string, Initialiser>();

  read(statements: readonly AnyNode[]): void {
    for (const statement of statements) this.#statement(statement);
  }

  result(): ModuleBindings {
    for (const [local, name] of this.#exported) {
      const node = this.#declared.get(local);
      if (node) this.#exports.set(node.start, name);
    }
    return { imports: this.#imports, exports: this.#exports, constants: this.#constants };
  }

  #statement(statement: AnyNode): void {
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- only these kinds of syntax matter here
    switch (statement.type) {
      case "ImportDeclaration":
        this.#importDeclaration(statement);
        return;
      case "ExportNamedDeclaration":
        if (statement.source) return;
        for (const { local, exported } of statement.specifiers) {
          this.#exported.set(nameOf(local), nameOf(exported));
        }
        if (statement.declaration) this.#declaration(statement.declaration, true);
        return;
      case "ExportDefaultDeclaration": {
        const { declaration } = statement;
        if ("id" in declaration && declaration.id) {
          this.#exported.set(declaration.id.name, "default");
          this.#declared.set(declaration.id.name, declaration);
        }
        return;
      }
      case "VariableDeclaration":
      case "FunctionDeclaration":
      case "ClassDeclaration":
        this.#declaration(statement, false);
        return;
      case "ExpressionStatement":
        this.#viteExport(statement.expression);
        return;
      default:
        return;
    }
  }

  #declaration(node: AnyNode, exported: boolean): void {
    if (node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") {
      if (!node.id) return;
      this.#declared.set(node.id.name, node);
      if (exported) this.#exported.set(node.id.name, node.id.name);
      return;
    }
    if (node.type !== "VariableDeclaration") return;
    for (const declarator of node.declarations) {
      this.#imported(declarator);
      if (declarator.id.type !== "Identifier" || node.kind !== "const") continue;
      const value = functionIn(declarator.init);
      if (value) this.#declared.set(declarator.id.name, value);
      else if (declarator.init) {
        const { start, end } = declarator.init;
        this.#constants.set(declarator.id.name, { start, end, root: rootOf(declarator.init) });
      }
      if (exported) this.#exported.set(declarator.id.name, declarator.id.name);
    }
  }

  #importDeclaration(statement: AnyNode & { type: "ImportDeclaration" }): void {
    const specifier = String(statement.source.value);
    const attributes = statement.attributes
      .map((a) => `${JSON.stringify(nameOf(a.key))}:${JSON.stringify(a.value.value)}`)
      .join(",");
    const shared = { specifier, how: "import", ...(attributes && { attributes }) } as const;
    for (const one of statement.specifiers) {
      const imported =
        one.type === "ImportDefaultSpecifier"
          ? "default"
          : one.type === "ImportNamespaceSpecifier"
            ? "*"
            : nameOf(one.imported);
      this.#imports.set(one.local.name, { ...shared, imported });
    }
  }

  /** `const x = require("…")`, `const { x } = require("…")`, vite's and esbuild's forms of it. */
  #imported({ id, init }: VariableDeclarator): void {
    const found = importIn(init);
    if (!found) return;
    if (id.type === "Identifier") {
      this.#imports.set(id.name, found);
      return;
    }
    if (id.type !== "ObjectPattern" || found.imported !== "*" || found.wrapped) return;
    for (const property of id.properties) {
      if (property.type !== "Property" || property.computed) continue;
      if (property.value.type !== "Identifier") continue;
      this.#imports.set(property.value.name, { ...found, imported: nameOf(property.key) });
    }
  }

  /** `__vite_ssr_exportName__("name", () => { try { return name } catch {} })`. */
  #viteExport(node: AnyNode): void {
    if (node.type !== "CallExpression" || node.callee.type !== "Identifier") return;
    if (!/^__vite_ssr_exportName__$|^__vi_export/.test(node.callee.name)) return;
    const name = stringLiteral(node.arguments[0]);
    const local = /return ([\w$]+)/.exec(returnedText(node.arguments[1]))?.[1];
    if (name !== undefined && local !== undefined) this.#exported.set(local, name);
  }
}

function rootOf(expression: AnyNode): string | undefined {
  let at: AnyNode | undefined = expression;
  while (at && at.type !== "Identifier") {
    if (at.type === "CallExpression" || at.type === "NewExpression") at = at.callee;
    else if (at.type === "MemberExpression") at = at.object;
    else at = at.type === "SequenceExpression" ? at.expressions.at(-1) : undefined;
  }
  return at?.name;
}

function returnedText(getter: AnyNode | undefined): string {
  if (getter?.type !== "ArrowFunctionExpression" || getter.body.type !== "BlockStatement")
    return "";
  let [statement]: readonly AnyNode[] = getter.body.body;
  if (statement?.type === "TryStatement") [statement] = statement.block.body;
  if (statement?.type !== "ReturnStatement" || statement.argument?.type !== "Identifier") return "";
  return `return ${statement.argument.name}`;
}

/** The function or class that `node` is, also inside esbuild's `__name(…, "f")`. */
function functionIn(node: AnyNode | null | undefined): AnyNode | undefined {
  if (!node) return undefined;
  if (/^(Arrow)?FunctionExpression$|^ClassExpression$/.test(node.type)) return node;
  if (node.type !== "CallExpression" || node.callee.type !== "Identifier") return undefined;
  return node.callee.name === "__name" ? functionIn(node.arguments[0]) : undefined;
}

const wrappers: ReadonlyMap<string, "esm" | "default"> = new Map([
  ["__toESM", "esm"],
  ["__importStar", "esm"],
  ["__importDefault", "default"],
]);

function importIn(node: AnyNode | null | undefined): ImportBinding | undefined {
  if (node?.type === "AwaitExpression") {
    const { argument } = node;
    if (argument.type === "ImportExpression") {
      const specifier = stringLiteral(argument.source);
      return specifier === undefined ? undefined : { specifier, imported: "*", how: "import" };
    }
    const specifier = calledWith(argument, /^__(vite_ssr|vi)_import/);
    if (specifier === undefined) return undefined;
    // vite makes a module of a JSON file; Node has to be told.
    const json = /\.json($|\?)/.test(specifier) && { attributes: '"type":"json"' };
    return { specifier, imported: "*", how: "vite", ...json };
  }
  const specifier = calledWith(node, /^require$/);
  if (specifier !== undefined) return { specifier, imported: "*", how: "require" };
  if (node?.type === "MemberExpression" && !node.computed) {
    const found = importIn(node.object);
    if (found?.imported !== "*" || found.wrapped) return undefined;
    return { ...found, imported: nameOf(node.property) };
  }
  if (node?.type !== "CallExpression" || node.callee.type !== "Identifier") return undefined;
  const wrapped = wrappers.get(node.callee.name);
  const found = wrapped && importIn(node.arguments[0]);
  if (!found) return undefined;
  return { ...found, wrapped: wrapped === "esm" && node.arguments.length > 1 ? "node" : wrapped };
}

function calledWith(node: AnyNode | null | undefined, callee: RegExp): string | undefined {
  if (node?.type !== "CallExpression" || node.callee.type !== "Identifier") return undefined;
  return callee.test(node.callee.name) ? stringLiteral(node.arguments[0]) : undefined;
}

function nameOf(node: AnyNode): string {
  if (node.type === "Identifier" || node.type === "PrivateIdentifier") return node.name;
  return node.type === "Literal" ? String(node.value) : "";
}
