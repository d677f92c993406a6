import type { BuiltInPath } from "./built-in-path.ts";
import { builtInPath, globalPath } from "./built-ins.ts";
import { isPackageFile } from "./file-origin.ts";
import { functionSyntax } from "./function-syntax.ts";
import type { Slot } from "./graph.ts";
import { importedThing } from "./import-index.ts";
import { inspectFunction, privateFields } from "./inspect.ts";
import { functionName, inheritance, ownValue, prototypeOf } from "./reflection.ts";
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
  const prototype = prototypeOf(value);
  if (prototype === usual) return undefined;
  if (prototype === null) return null;
  let isImported = false;
  for (const at of inheritance(prototype)) {
    const path = globalPath(at);
    if (path) {
      checkBuiltIn(walk, path, trail);
      break;
    }
    const maker = constructorOf(at);
    if (!maker) continue;
    // The worker imports the class, but not what a constructor has made of the instance.
    isImported ||= importedThing(at) !== undefined || importedThing(maker) !== undefined;
    if (checkConstructor(walk, { value, maker, isImported }, trail)) break;
  }
  return prototypeSlot(walk, prototype, trail);
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
  const prototype = ownValue(maker, "prototype");
  return typeof prototype === "object" && !isHandMade(maker, prototype) ? prototype : undefined;
}

/** True for an old-style constructor whose prototype is not the one it was born with. */
export function isHandMade(maker: object, prototype: object | null): boolean {
  if (prototype === null || /^class\b/.test(Function.prototype.toString.call(maker))) {
    return false;
  }
  const above = prototypeOf(prototype);
  // The prototypes of generators inherit from a built-in.
  return above !== null && !globalPath(above);
}

function constructorOf(prototype: object): object | undefined {
  const found = ownValue(prototype, "constructor");
  return typeof found === "function" ? found : undefined;
}

function nameOf(maker: object): string {
  return functionName(maker) || "without a name";
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

interface Instance {
  readonly value: object;
  /** One of its classes. */
  readonly maker: object;
  readonly isImported: boolean;
}

/** True if nothing further up matters: the class is Node's. */
function checkConstructor(
  walk: WalkContext,
  { value, maker, isImported }: Instance,
  trail: Trail,
): boolean {
  const { kind, url } = originOf(maker);
  if (kind === "node") {
    const path = builtInPath(maker);
    if (!path) refuseHandle(walk, nameOf(maker), trail);
    checkBuiltIn(walk, path, trail);
    return true;
  }
  if (kind === "package" && !isImported) {
    walk.refuse(trail, {
      problem: `it is an instance of class ${nameOf(maker)} of the npm package ${packageName(url)}, which the worker cannot rebuild`,
      fix: inWorker,
    });
  }
  checkPrivateFields(walk, value, maker, trail);
  return false;
}

function checkPrivateFields(walk: WalkContext, value: object, maker: object, trail: Trail): void {
  const text = Function.prototype.toString.call(maker);
  const names = text.includes("#") ? functionSyntax(text).privateNames : undefined;
  if (!names) return;
  const fields = [...privateFields(value), ...names.methods];
  if (fields.length === 0) return;
  const name = nameOf(maker);
  walk.refuse(trail, {
    problem: `it is an instance of class ${name}, which has private fields (${[...new Set(fields)].join(", ")}) that cannot be read from outside`,
    fix: `give ${name} static methods [Symbol.for("lambdask.pack")](instance) and [Symbol.for("lambdask.unpack")](data), or send what new ${name}(…) takes and call it inside the function`,
  });
}

/** Where a class comes from. */
interface Origin {
  readonly kind: "node" | "package" | "user";
  readonly url: string;
}

const origins = new WeakMap<object, Origin>();

function originOf(maker: object): Origin {
  let origin = origins.get(maker);
  if (!origin) {
    const inside = globalPath(maker) ? undefined : inspectFunction(maker);
    const url = inside?.kind === "plain" ? scriptUrl(inside.scriptId) : "node:";
    const kind = url.startsWith("node:") ? "node" : isPackageFile(url) ? "package" : "user";
    origin = { kind, url };
    origins.set(maker, origin);
  }
  return origin;
}

/** True if `value` is an instance of one of Node's own classes. */
export function isOfNode(value: object): boolean {
  for (const at of inheritance(prototypeOf(value))) {
    const maker = constructorOf(at);
    if (maker) return !globalPath(at) && originOf(maker).kind === "node";
  }
  return false;
}

/** The npm package of a file below `node_modules`. */
export function packageName(url: string): string {
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? url;
}
