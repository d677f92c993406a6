import { globalPath } from "../built-ins.ts";
import { capture } from "../capture.ts";
import { functionSyntax } from "../function-syntax.ts";
import { privateFields } from "../inspect.ts";
import { isOfNode } from "../instances.ts";
import { functionName, inheritance, ownValue, prototypeOf } from "../reflection.ts";
import type { TokenProblem } from "./token-trail.ts";

/** What an object inherits from, as far as that is not what its kind usually does. */
export type TokenPrototype =
  | { readonly kind: "usual" }
  /** The class that made it. */
  | { readonly kind: "class"; readonly maker: object }
  /** An object that it was made from. */
  | { readonly kind: "object"; readonly prototype: object }
  | { readonly kind: "problem"; readonly problem: TokenProblem };

/** What `value` inherits from, which for its kind is `usual`. Without a prototype it counts as usual. */
export function tokenPrototype(value: object, usual: object): TokenPrototype {
  const prototype = prototypeOf(value);
  if (prototype === usual || prototype === null) return { kind: "usual" };
  const hidden = hiddenProblem(value, prototype, usual);
  if (hidden) return { kind: "problem", problem: hidden };
  const maker = makerOf(prototype);
  return maker ? { kind: "class", maker } : { kind: "object", prototype };
}

function makerOf(prototype: object): object | undefined {
  const maker = ownValue(prototype, "constructor");
  if (typeof maker !== "function") return undefined;
  return ownValue(maker, "prototype") === prototype ? maker : undefined;
}

/** Why the fields of `value` are not all that there is to it. */
function hiddenProblem(value: object, prototype: object, usual: object): TokenProblem | undefined {
  if (isOfNode(value)) return ofProcess(value);
  for (const at of inheritance(prototype)) {
    if (at === usual || at === Object.prototype) break;
    if (globalPath(at)) return ofProcess(value);
    const maker = makerOf(at);
    if (!maker || !hasPrivateFields(value, maker)) continue;
    return {
      problem: `an instance of class ${nameOf(maker)}, whose private fields cannot be read from outside, has no identity by content`,
      fix: `give ${nameOf(maker)} a method [Symbol.for("lambdask.tokenize")]() that returns what tells instances apart`,
    };
  }
  return undefined;
}

function hasPrivateFields(value: object, maker: object): boolean {
  const text = Function.prototype.toString.call(maker);
  return (
    text.includes("#") &&
    functionSyntax(text).privateNames !== undefined &&
    privateFields(value).length > 0
  );
}

function ofProcess(value: object): TokenProblem {
  const maker = ownValue(prototypeOf(value) ?? {}, "constructor");
  const name = typeof maker === "function" ? nameOf(maker) : "a built-in class";
  return {
    problem: `an instance of ${name} belongs to this process and has no identity by content`,
  };
}

function nameOf(maker: object): string {
  return functionName(maker) || "without a name";
}

/** The identity of a function's code and of what it uses; a problem if it has none. */
export function functionIdentity(
  fn: (...values: never[]) => unknown,
): { readonly id: string } | TokenProblem {
  try {
    return { id: capture(fn, { where: "tokenize" }).id };
  } catch (cause) {
    return {
      problem: `the function ${functionName(fn) || "without a name"} has no identity, since it cannot be captured`,
      fix: "see the cause: it names the variable and what to do",
      cause,
    };
  }
}
