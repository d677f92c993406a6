import type { AnyNode, MethodDefinition, Property } from "acorn";
import { canonicalText } from "./canonical.ts";
import { type ClassMember, classBody, noClassBody, type PrivateNames } from "./class-body.ts";
import { type FreeVariables, freeVariables } from "./free-variables.ts";
import { parseStatements, type SourceType } from "./syntax.ts";

/** A stretch of text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** What the text of a function says. Offsets count from its first character. */
export interface FunctionSyntax {
  readonly text: string;
  readonly kind: "function" | "arrow" | "method" | "class";
  /** The function, class or (for methods) property node, for the canonical form. */
  readonly node: AnyNode;
  readonly free: FreeVariables;
  /** The name the text itself gives. */
  readonly ownName: string | undefined;
  /** Only for methods: the key's place, and whether it is a getter or setter. */
  readonly method: MethodSyntax | undefined;
  /** Only for classes with `extends`: the base class expression. */
  readonly base: (Span & { readonly name: string | undefined }) | undefined;
  readonly privateNames: PrivateNames | undefined;
  /** Static code of a class, which runs while the class is defined. */
  readonly runsAtOnce: boolean;
  /** What a class's text puts on the class and on its prototype. */
  readonly members: readonly ClassMember[];
  /** The text uses the name it gives itself, which for a declaration is a variable. */
  readonly namesItself: boolean;
  /** Where V8 says the function is, from the start of the text. */
  readonly anchor: Anchor;
}

/** A place in the text: how many characters, and how many lines and then columns, into it. */
interface Anchor {
  readonly offset: number;
  readonly lines: number;
  readonly columns: number;
}

/** How a method is written. */
interface MethodSyntax {
  readonly accessor: "get" | "set" | undefined;
  readonly computed: boolean;
  /** The key with its brackets. */
  readonly keySpan: Span;
  /** The key if it is not computed. */
  readonly key: string;
}

const known = new Map<string, FunctionSyntax>();
const knownMax = 20_000;

/** Reads `text`, which is what `Function.prototype.toString` gave; throws a SyntaxError it cannot read. */
export function functionSyntax(text: string): FunctionSyntax {
  let syntax = known.get(text);
  if (!syntax) {
    syntax = read(text);
    if (known.size >= knownMax) known.clear();
    known.set(text, syntax);
  }
  return syntax;
}

function read(text: string): FunctionSyntax {
  if (/<!--|-->/.test(text) && hasHtmlComment(text)) {
    throw new SyntaxError("it has an HTML comment, which only sloppy scripts allow");
  }
  const asExpression = tryParse("(", text, ")");
  if (asExpression) return expressionSyntax(text, asExpression);
  const asMethod = tryParse("({", text, "})");
  if (asMethod?.type === "ObjectExpression") {
    const property = asMethod.properties[0];
    if (asMethod.properties.length === 1 && property?.type === "Property") {
      return methodSyntax(text, property);
    }
  }
  throw new SyntaxError(
    readsAs(text, "script") ? "it uses syntax that only sloppy scripts allow" : "cannot read it",
  );
}

/** Modules take `<!--` for operators, scripts for a comment. */
function hasHtmlComment(text: string): boolean {
  const whole = (type: SourceType): string | undefined => {
    const node = tryParse("(", text, ")", type) ?? tryParse("({", text, "})", type);
    return node && canonicalText(node, new Map());
  };
  const asScript = whole("script");
  return asScript !== undefined && asScript !== whole("module");
}

function readsAs(text: string, type: SourceType): boolean {
  return (
    tryParse("(", text, ")", type) !== undefined || tryParse("({", text, "})", type) !== undefined
  );
}

function tryParse(
  before: string,
  text: string,
  after: string,
  type: SourceType = "module",
): AnyNode | undefined {
  try {
    const [statement] = parseStatements(`${before}${text}\n${after}`, type);
    return statement?.type === "ExpressionStatement" ? statement.expression : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function expressionSyntax(text: string, node: AnyNode): FunctionSyntax {
  shift(node, 1);
  const shared = { text, node, free: freeVariables(node), method: undefined };
  if (node.type === "ClassExpression") {
    const first = node.body.body.find((m) => m.type === "MethodDefinition" && isConstructor(m));
    const superClass = node.superClass;
    return {
      ...shared,
      kind: "class",
      ownName: node.id?.name,
      // `extends null` has no base to carry over.
      base:
        superClass && !(superClass.type === "Literal")
          ? {
              start: superClass.start,
              end: superClass.end,
              name: superClass.type === "Identifier" ? superClass.name : undefined,
            }
          : undefined,
      ...classBody(text, node),
      namesItself: false,
      anchor: anchorAt(text, first?.type === "MethodDefinition" ? first.value.start : 0),
    };
  }
  const none = { base: undefined, ...noClassBody, namesItself: false };
  if (node.type === "ArrowFunctionExpression") {
    const anchor = anchorAt(text, 0);
    return { ...shared, ...none, kind: "arrow", ownName: undefined, anchor };
  }
  if (node.type !== "FunctionExpression") throw new SyntaxError("it is not a function");
  const anchor = anchorAt(text, text.indexOf("(", node.id ? node.id.end : 0));
  const ownName = node.id?.name;
  const namesItself = ownName !== undefined && text.indexOf(ownName, node.id?.end) >= 0;
  return { ...shared, ...none, kind: "function", ownName, namesItself, anchor };
}

function methodSyntax(text: string, node: Property): FunctionSyntax {
  shift(node, 2);
  const { key, computed } = node;
  const start = computed ? text.indexOf("[") : key.start;
  const end = computed ? text.indexOf("]", key.end) + 1 : key.end;
  const name = key.type === "Identifier" ? key.name : key.type === "Literal" ? key.value : "";
  return {
    text,
    node,
    free: freeVariables(node.value),
    kind: "method",
    ownName: computed ? undefined : String(name),
    method: {
      accessor: node.kind === "init" ? undefined : node.kind,
      computed,
      keySpan: { start, end },
      key: String(name),
    },
    base: undefined,
    ...noClassBody,
    namesItself: false,
    anchor: anchorAt(text, node.value.start),
  };
}

function isConstructor(member: MethodDefinition): boolean {
  return member.kind === "constructor";
}

function anchorAt(text: string, offset: number): Anchor {
  const head = text.slice(0, Math.max(0, offset)).split("\n");
  return { offset, lines: head.length - 1, columns: head.at(-1)?.length ?? 0 };
}

/** Makes the offsets of a tree count from the text itself, not from what was put before it. */
function shift(node: AnyNode, by: number): void {
  const open: unknown[] = [node];
  const seen = new Set<unknown>();
  while (open.length > 0) {
    const one = open.pop();
    if (typeof one !== "object" || one === null || seen.has(one)) continue;
    seen.add(one);
    if (Array.isArray(one)) for (const item of one as unknown[]) open.push(item);
    else if ("start" in one && "end" in one) {
      const span = one as { start: number; end: number };
      span.start -= by;
      span.end -= by;
      open.push(...Object.values(one));
    }
  }
}
