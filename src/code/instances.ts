import type { BuiltInPath } from "./built-in-path.ts";
import { builtInPath } from "./built-ins.ts";
import { functionSyntax } from "./function-syntax.ts";
import type { Slot } from "./graph.ts";
import { importedThing } from "./import-index.ts";
import { inspectFunction, privateFields } from "./inspect.ts";
import { scriptUrl } from "./scripts.ts";
import type { Trail } from "./trail.ts";
import type { WalkContext } from "./walk-context.ts";

const inWorker =
  "make it inside the worker: const x = perWorker(() => …), then x() in the function";

/** Built-in classes whose instances are nothing but their data. */
const dataClasses = new Set(
  `Object Array Map Set Date RegExp Number String Boolean BigInt Symbol Error TypeError RangeError SyntaxError
  ReferenceError EvalError URIError AggregateError Function`.split(/\s+/),
);

/** What stands for the prototype of `value`: undefined if it is `usual`. Refuses handles and what cannot be rebuilt. */
export function instancePrototype(
  walk: WalkContext,
  value: object,
  trail: Trail,
  usual: object,
): Slot | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === usual) return undefined;
  if (prototype === null) return null;
  if (typeof prototype !== "object" && typeof prototype !== "function") return null;
  for (let at: object | null = prototype as object; at; at = Object.getPrototypeOf(at)) {
    const path = builtInPath(at);
    if (path) {
      checkBuiltIn(walk, path, trail);
      break;
    }
    if (importedThing(at)) break;
    const maker = constructorOf(at);
    if (maker && checkConstructor(walk, value, maker, trail)) break;
  }
  return prototypeSlot(walk, prototype as object, trail);
}

function prototypeSlot(walk: WalkContext, prototype: object, parent: Trail): Slot {
  const maker = constructorOf(prototype);
  const trail = {
    parent,
    label: maker ? `class ${nameOf(maker)}` : "its class",
    step: "",
  };
  if (maker && usualPrototypeOf(maker) === prototype) {
    const slot = walk.slot(maker, trail);
    if (typeof slot === "object" && slot && "ref" in slot) return { prototypeOf: slot.ref };
  }
  return walk.slot(prototype, { parent, label: "prototype", step: "" });
}

/** The `prototype` of a class, unless it was set up by hand and so travels as an object of its own. */
function usualPrototypeOf(maker: object): unknown {
  const prototype: unknown = Object.getOwnPropertyDescriptor(maker, "prototype")?.value;
  return typeof prototype === "object" && !isHandMade(maker, prototype) ? prototype : undefined;
}

/** True for an old-style constructor whose prototype is not the one it was born with. */
export function isHandMade(maker: object, prototype: object | null): boolean {
  if (prototype === null || /^class\b/.test(Function.prototype.toString.call(maker))) {
    return false;
  }
  return Object.getPrototypeOf(prototype) !== Object.prototype;
}

function constructorOf(prototype: object): object | undefined {
  const found: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  return typeof found === "function" ? found : undefined;
}

function nameOf(maker: object): string {
  return String(Object.getOwnPropertyDescriptor(maker, "name")?.value ?? "without a name");
}

/** Names of a built-in class: `Socket of node:net`. */
export function builtInName([root, ...steps]: BuiltInPath): string {
  const name = steps.filter((step) => typeof step === "string" && step !== "prototype").join(".");
  return root.startsWith("node:") ? `${name || root} of ${root}` : name || "a built-in class";
}

function checkBuiltIn(walk: WalkContext, path: BuiltInPath, trail: Trail): void {
  const [root, first] = path;
  if (root === "global" && typeof first === "string" && dataClasses.has(first)) return;
  if (root === "node:events" || (root === "global" && first === "Int8Array")) return;
  refuseHandle(walk, builtInName(path), trail);
}

function refuseHandle(walk: WalkContext, name: string, trail: Trail): never {
  walk.refuse(trail, {
    problem: `an instance of ${name} belongs to this process and cannot be copied`,
    fix: inWorker,
  });
}

/** True if nothing further up matters: the worker gets the class itself. */
function checkConstructor(walk: WalkContext, value: object, maker: object, trail: Trail): boolean {
  const name = nameOf(maker);
  const path = builtInPath(maker);
  if (path) {
    checkBuiltIn(walk, path, trail);
    return true;
  }
  if (importedThing(maker)) return true;
  const inside = inspectFunction(maker);
  if (inside.kind === "native") refuseHandle(walk, name, trail);
  if (inside.kind !== "plain") return false;
  const url = scriptUrl(inside.scriptId);
  if (url.startsWith("node:")) refuseHandle(walk, `${name} (Node's own)`, trail);
  if (url.includes("/node_modules/")) {
    walk.refuse(trail, {
      problem: `it is an instance of class ${name} of the npm package ${packageName(url)}, which the worker cannot rebuild`,
      fix: inWorker,
    });
  }
  const text = Function.prototype.toString.call(maker);
  if (text.includes("#") && functionSyntax(text).hasPrivateNames) {
    const fields = privateFields(value);
    if (fields.length > 0) {
      walk.refuse(trail, {
        problem: `it is an instance of class ${name}, which has private fields (${fields.join(", ")}) that cannot be read from outside`,
        fix: `send what it takes to make the instance, and call new ${name}(…) inside the function`,
      });
    }
  }
  return false;
}

/** The npm package of a file below `node_modules`. */
export function packageName(url: string): string {
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? url;
}
