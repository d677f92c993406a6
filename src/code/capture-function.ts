import { builtInPath, globalPath } from "./built-ins.ts";
import { integrityOf, propertySlots } from "./capture-properties.ts";
import { type CapturedVariable, capturedVariables, VariableRefusal } from "./captured-variables.ts";
import { withoutSetters } from "./emit.ts";
import { emittedCode } from "./emitted-code.ts";
import { exportedFunction } from "./exported-function.ts";
import { isPackageFile } from "./file-origin.ts";
import { addProperties, born } from "./function-properties.ts";
import {
  type EmittedCode,
  type FunctionSite,
  functionSite,
  isDeclaration,
  type PlainInside,
} from "./function-site.ts";
import type { Binding, FunctionNode, GraphNode, Slot } from "./graph.ts";
import { refuseHidden } from "./hidden-uses.ts";
import { importedThing, indexImports } from "./import-index.ts";
import { arrivedNode, importNode } from "./import-node.ts";
import { importTarget } from "./import-target.ts";
import { type FunctionInside, inspectFunction } from "./inspect.ts";
import { packageName } from "./instances.ts";
import type { Initialiser } from "./module-bindings.ts";
import { makerKey } from "./per-worker.ts";
import { functionName, isObject, ownValue } from "./reflection.ts";
import { handleRefusal } from "./refused-objects.ts";
import { scriptUrl } from "./scripts.ts";
import { secretKey } from "./secret.ts";
import type { Trail } from "./trail.ts";
import type { WalkContext } from "./walk-context.ts";

/** The node for a function or class; `isRoot` if it is what the user passed itself. */
export function functionNode(
  walk: WalkContext,
  fn: object,
  trail: Trail,
  isRoot: boolean,
): GraphNode {
  const handle = handleRefusal(fn);
  if (handle) walk.refuse(trail, handle);
  const maker = ownValue(fn, makerKey);
  if (typeof maker === "function") {
    const label = "what perWorker() was given";
    return { kind: "per-worker", maker: walk.slot(maker, { parent: trail, label, step: "" }) };
  }
  const secretName = ownValue(fn, secretKey);
  if (typeof secretName === "string") return { kind: "secret", name: secretName };
  const path = globalPath(fn);
  if (path) return { kind: "built-in", path };
  const arrived = arrivedNode(walk, fn);
  if (arrived) return arrived;
  const imported = importedThing(fn);
  if (imported) return importNode(walk, imported, trail);
  const known = unbound.get(fn);
  if (known) {
    walk.definedAt ||= known.site.at();
    walk.countFunction(trail);
    return codeNode(
      walk,
      { fn, ...known },
      functionTrail(fn, known.site, isRoot ? undefined : trail),
    );
  }
  const inside = inspectFunction(fn);
  if (inside.kind === "plain") return plainNode(walk, { fn, inside, trail, isRoot });
  if (inside.kind === "bound") return boundNode(walk, fn, inside, trail);
  const builtIn = builtInPath(fn);
  if (builtIn) return { kind: "built-in", path: builtIn };
  return walk.refuse(trail, {
    problem: `${functionName(fn) || "it"} is native code and no export of a built-in module`,
    fix: "wrap the call in a function of your own that gets the object it belongs to as an argument",
  });
}

function boundNode(
  walk: WalkContext,
  fn: object,
  inside: FunctionInside & { readonly kind: "bound" },
  parent: Trail,
): GraphNode {
  const of = (what: string, step = ""): Trail => ({
    parent,
    label: `${what} of ${functionName(fn) || "the bound function"}`,
    step,
  });
  walk.countFunction(parent);
  const properties = propertySlots(walk, fn, parent, (key) => !born.has(key));
  const integrity = integrityOf(fn);
  return {
    kind: "bound",
    target: walk.slot(inside.target, of("the function")),
    self: walk.slot(inside.boundThis, of("the bound this", "(this)")),
    arguments: inside.boundArguments.map((argument, i) =>
      walk.slot(argument, of(`bound argument ${i}`, `(argument ${i})`)),
    ),
    ...(properties.length > 0 && { properties }),
    ...(integrity && { integrity }),
  };
}

interface PlainFunction {
  readonly fn: object;
  readonly inside: PlainInside;
  readonly trail: Trail;
  readonly isRoot: boolean;
}

function plainNode(walk: WalkContext, plain: PlainFunction): GraphNode {
  const { fn, inside, trail, isRoot } = plain;
  const url = scriptUrl(inside.scriptId);
  if (url.startsWith("node:")) {
    const path = builtInPath(fn);
    if (path) return { kind: "built-in", path };
    walk.refuse(trail, {
      problem: `${functionName(fn) || "it"} is a function of Node itself (${url}) that no built-in module exports`,
      fix: "call it through an import of a built-in module",
    });
  }
  const site = siteOf(walk, plain);
  walk.definedAt ||= site.at();
  const exported = exportedFunction(fn, site, inside);
  if (exported) return importNode(walk, exported, trail);
  if (isPackageFile(url)) {
    walk.refuse(trail, {
      problem: `${functionName(fn) || "it"} was made by the npm package ${packageName(url)}, which the worker cannot do again`,
      fix: "make it inside the worker: const x = perWorker(() => …), then x() in the function",
    });
  }
  walk.countFunction(trail);
  const here = functionTrail(fn, site, isRoot ? undefined : trail);
  refuseHidden(walk, site, here);
  refuseReassigned(walk, site, { ...plain, trail: here });
  return variablesNode(walk, { ...plain, trail: here }, site);
}

/** The name of a function declaration is a variable, and may stand for something else by now. */
function refuseReassigned(walk: WalkContext, site: FunctionSite, plain: PlainFunction): void {
  const { namesItself, ownName } = site.syntax;
  if (!namesItself || ownName === undefined) return;
  const scope = plain.inside.scopes.find((one) => Object.hasOwn(one.object, ownName));
  // The name of an expression may also be that of a variable which is not set yet, and must not be looked at.
  if (!scope || !isDeclaration(site) || scope.object[ownName] === plain.fn) return;
  walk.refuse(plain.trail, {
    problem: `it uses \`${ownName}\`, which was its own name and has been given another value since`,
    fix: `give what \`${ownName}\` is now a name of its own and use that`,
  });
}

function functionTrail(fn: object, site: FunctionSite, parent: Trail | undefined): Trail {
  const name = functionName(fn);
  return {
    parent,
    label: () => `${name ? `function ${name}` : "function"} (${site.at()})`,
    step: "",
    at: () => site.at(),
  };
}

function siteOf(walk: WalkContext, { fn, inside, trail }: PlainFunction): FunctionSite {
  const text = withoutSetters(Function.prototype.toString.call(fn));
  if (/\{\s*\[native code\]\s*\}$/.test(text)) {
    walk.refuse(trail, {
      problem: "it belongs to another realm (a vm context), whose built-in objects no worker has",
      fix: "make the function in the program itself",
    });
  }
  try {
    return functionSite(inside, text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    return walk.refuse(trail, {
      problem: `the text of ${functionName(fn) || "the function"} cannot stand alone: ${cause.message}`,
      fix: "use a plain function, and strict mode",
    });
  }
}

/** Functions without variables of their surroundings: V8 need not be asked about them again. */
const unbound = new WeakMap<object, { site: FunctionSite; emitted: EmittedCode }>();

/** True if `fn` was captured before and uses no variables of its surroundings. */
export function isUnbound(fn: object): boolean {
  return unbound.has(fn);
}

function variablesNode(walk: WalkContext, plain: PlainFunction, site: FunctionSite): FunctionNode {
  const { fn, inside, trail } = plain;
  const found = variablesOf(walk, plain, site);
  const emitted = emittedCode(fn, site, found);
  const node = codeNode(walk, { fn, site, emitted }, trail);
  if (found.variables.length === 0) {
    if (!site.syntax.namesItself) unbound.set(fn, { site, emitted });
    return node;
  }
  const bind = (variable: CapturedVariable): Binding => {
    const { name, value, at } = variable;
    const label = (): string => `variable \`${name}\` (used at ${site.at(at)})`;
    const below = { parent: trail, label, step: name, at: () => site.at(at) };
    const again = walk.recreates ? makerOf(walk, variable, plain, site) : undefined;
    return [name, again ? again(below) : walk.slot(value, below)];
  };
  const definition = found.variables.filter((v) => v.atDefinition);
  const environment = found.variables.filter((v) => !v.atDefinition);
  if (definition.length > 0) node.definition = definition.map(bind);
  if (environment.length > 0) node.environment = environment.map(bind);
  // Before what the variables hold is looked at: it may be imported under another name.
  indexImports(site.script(), inside.scopes);
  return node;
}

/** For a constant that a package has made and nothing can copy: how a slot for it is made, from its initialiser. */
function makerOf(
  walk: WalkContext,
  { name, value, moduleScopes }: CapturedVariable,
  { inside }: PlainFunction,
  site: FunctionSite,
): ((trail: Trail) => Slot) | undefined {
  const initialiser = moduleScopes && site.script().constants.get(name);
  if (!initialiser || !isObject(value) || !isMadeByPackage(site, initialiser)) return undefined;
  if (importedThing(value) || walk.canCopy(value)) return undefined;
  const { text, positionAt } = site.script();
  const { line, column } = positionAt(initialiser.start);
  const before = "()=>(";
  const maker = `${before}${text.slice(initialiser.start, initialiser.end)})`;
  const start = { line, column: Math.max(0, column - before.length) };
  const within: PlainInside = { ...inside, ...start, scopes: moduleScopes };
  return (trail) =>
    walk.slotAs(value, trail, () => {
      const fn = (): undefined => undefined;
      const label = `its initialiser (${site.at()})`;
      const describe = (): GraphNode =>
        variablesNode(
          walk,
          { fn, inside: within, trail: { parent: trail, label, step: "" }, isRoot: false },
          functionSite(within, maker),
        );
      return { kind: "recreated", maker: walk.slotAs(fn, trail, describe) };
    });
}

/** Never what a built-in module made: a file stream made again would empty the file. */
function isMadeByPackage(site: FunctionSite, { root }: Initialiser): boolean {
  const { imports, url } = site.script();
  const binding = root === undefined ? undefined : imports.get(root);
  return binding !== undefined && importTarget(binding, url).kind === "package";
}

function codeNode(
  walk: WalkContext,
  { fn, site, emitted }: { fn: object; site: FunctionSite; emitted: EmittedCode },
  trail: Trail,
): FunctionNode {
  // A static member of a class may have taken the name's place.
  const name = ownValue(fn, "name");
  const node: FunctionNode = {
    kind: "function",
    module: walk.module(emitted.module),
    code: emitted.code,
    ...(site.syntax.kind === "class" && { isClass: true }),
    ...(site.syntax.runsAtOnce && { runsAtOnce: true }),
    ...(typeof name === "string" && name !== site.syntax.ownName && { name }),
  };
  addProperties(walk, node, { fn, trail }, site);
  return node;
}

function variablesOf(
  walk: WalkContext,
  { fn, inside, trail }: PlainFunction,
  site: FunctionSite,
): ReturnType<typeof capturedVariables> {
  try {
    return capturedVariables(fn, site, inside);
  } catch (error) {
    if (!(error instanceof VariableRefusal)) throw error;
    const { variable, refusal } = error;
    const label = `variable \`${variable}\`${refusal.at ? ` (used at ${refusal.at})` : ""}`;
    return walk.refuse({ parent: trail, label, step: variable }, refusal);
  }
}
