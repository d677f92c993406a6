import type { AnyNode } from "acorn";
import { isNode } from "./syntax.ts";

/** What stands for a variable at certain offsets of the text: the identity of the thing it was imported from. */
export type Replacements = ReadonlyMap<number, string>;

const skipped = new Set(["type", "start", "end", "raw", "directive"]);

/**
 * The syntax tree as text: the same for the same code, however it is spaced, commented, quoted or bracketed, and
 * whichever tool compiled it. Imported names are written as what they import.
 */
export function canonicalText(node: AnyNode, replacements: Replacements): string {
  const out: string[] = [];
  const write = (value: unknown): void => {
    if (Array.isArray(value)) {
      out.push("[");
      for (const item of value) write(item);
      out.push("]");
    } else if (isNode(value)) writeNode(simplified(value, replacements));
    else if (value instanceof RegExp) out.push(String(value));
    else if (typeof value === "bigint") out.push(`${value}n;`);
    else if (typeof value === "object" && value !== null) out.push(JSON.stringify(value));
    else out.push(typeof value === "string" ? JSON.stringify(value) : `${String(value)};`);
  };
  const writeNode = (node: AnyNode | string): void => {
    if (typeof node === "string") {
      out.push("(import ", node, ")");
      return;
    }
    out.push("(", node.type);
    for (const [key, value] of Object.entries(node)) {
      if (skipped.has(key) || isNoise(node, key, value)) continue;
      out.push(" ", key, "=");
      // `{ a }` is `{ a: a }`: only the value is a use of the variable.
      if (key === "key" && "computed" in node && !node.computed) out.push(keyText(value));
      else write(value);
    }
    out.push(")");
  };
  write(node);
  return out.join("");
}

function keyText(key: unknown): string {
  if (!isNode(key)) return "";
  if (key.type === "Literal") return JSON.stringify(String(key.value));
  const hash = key.type === "PrivateIdentifier" ? "#" : "";
  return "name" in key ? JSON.stringify(hash + key.name) : "";
}

function isNoise(node: AnyNode, key: string, value: unknown): boolean {
  if (key === "optional" || key === "computed" || key === "attributes")
    return !value || isEmpty(value);
  if (key === "shorthand" || key === "expression") return typeof value === "boolean";
  return key === "value" && node.type === "Literal" && node.bigint != null;
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** `node` without what tools put around the same code. */
function simplified(node: AnyNode, replacements: Replacements): AnyNode | string {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- only these kinds of syntax matter here
  switch (node.type) {
    case "Identifier":
      return replacements.get(node.start) ?? node;
    case "MemberExpression": {
      // vite writes an imported name as a member of the namespace.
      const object = node.object.type === "Identifier" && replacements.get(node.object.start);
      if (!object || node.computed || node.property.type !== "Identifier") return node;
      return object.endsWith("#*") ? `${object.slice(0, -1)}${node.property.name}` : node;
    }
    case "SequenceExpression": {
      const [first, second] = node.expressions;
      const zero = first?.type === "Literal" && first.value === 0;
      if (!zero || !second || node.expressions.length !== 2) return node;
      const only = simplified(second, replacements);
      // Of a member it matters: `(0, a.b)()` calls without `this`.
      return typeof only === "string" || only.type === "Identifier" ? only : node;
    }
    case "CallExpression": {
      const [named] = node.arguments;
      const helper = node.callee.type === "Identifier" && node.callee.name === "__name";
      return helper && named && node.arguments.length === 2
        ? simplified(named, replacements)
        : node;
    }
    case "ParenthesizedExpression":
      return simplified(node.expression, replacements);
    default:
      return node;
  }
}
