import { globalPath } from "./built-ins.ts";
import { integrityOf, propertySlots } from "./capture-properties.ts";
import type { ClassMember } from "./class-body.ts";
import type { FunctionSite } from "./function-site.ts";
import type { Binding, FunctionNode } from "./graph.ts";
import { privateStatics } from "./inspect.ts";
import { isHandMade } from "./instances.ts";
import { ownValue, prototypeOf } from "./reflection.ts";
import { deletedMember, replacedMembers } from "./replaced-members.ts";
import type { Trail } from "./trail.ts";
import type { WalkContext } from "./walk-context.ts";

/** Properties that functions are born with. */
export const born: ReadonlySet<string | symbol> = new Set<string | symbol>([
  "length",
  "name",
  "prototype",
  "arguments",
  "caller",
]);

/** Adds to `node` what has been put on the function, on its prototype and on a class since they were made. */
export function addProperties(
  walk: WalkContext,
  node: FunctionNode,
  { fn, trail }: { fn: object; trail: Trail },
  site: FunctionSite,
): void {
  const { kind, base, members } = site.syntax;
  const isClass = kind === "class";
  const prototype = ownValue(fn, "prototype");
  const hasPrototype = typeof prototype === "object" && prototype !== null;
  const handMade = hasPrototype && kind === "function" && isHandMade(fn, prototype);
  const skip = handMade ? new Set([...born].filter((key) => key !== "prototype")) : born;
  const statics = members.filter((member) => member.isStatic);
  const own = propertySlots(
    walk,
    fn,
    trail,
    isClass ? replacedMembers(fn, statics, skip) : (key) => !skip.has(key),
  );
  if (own.length > 0) node.properties = own;
  if (isClass) refuseDeleted(walk, fn, statics, trail);
  if (hasPrototype && (isClass || (kind === "function" && !handMade))) {
    const below = { parent: trail, label: ".prototype", step: ".prototype" };
    const methods = members.filter((member) => !member.isStatic);
    const added = propertySlots(
      walk,
      prototype,
      below,
      replacedMembers(prototype, methods, new Set(["constructor"])),
    );
    if (added.length > 0) node.prototypeOwn = added;
    refuseDeleted(walk, prototype, methods, below);
  }
  const privates = site.syntax.privateNames?.statics;
  if (privates?.size) node.privates = privateSlots(walk, fn, trail, privates);
  const integrity = integrityOf(fn);
  if (integrity) node.integrity = integrity;
  if (!isClass || base === undefined) addParent(walk, node, fn, trail);
}

/** What the private static fields of a class hold now, unless the text makes it so. */
function privateSlots(
  walk: WalkContext,
  fn: object,
  parent: Trail,
  texts: ReadonlyMap<string, string>,
): Binding[] {
  const slots: Binding[] = [];
  for (const [name, value] of privateStatics(fn)) {
    const text = texts.get(name);
    if (text === undefined) continue;
    if (typeof value === "function" && text.includes(Function.prototype.toString.call(value))) {
      continue;
    }
    slots.push([name, walk.slot(value, { parent, label: `static ${name}`, step: `.${name}` })]);
  }
  return slots;
}

function refuseDeleted(
  walk: WalkContext,
  owner: object,
  members: readonly ClassMember[],
  trail: Trail,
): void {
  const deleted = deletedMember(owner, members);
  if (deleted === undefined) return;
  walk.refuse(trail, {
    problem: `\`${deleted}\`, which the text of the class makes, was deleted from it`,
    fix: "leave it out of the class, or set it to undefined",
  });
}

/** The usual parents are prototypes (of functions, of generators); a class that is a parent is not usual. */
function isConstructor(parent: object): boolean {
  return typeof parent === "function" && parent !== Function.prototype;
}

/** A function that was made to inherit from another one, as compiled classes are. */
function addParent(walk: WalkContext, node: FunctionNode, fn: object, parent: Trail): void {
  const inherited = prototypeOf(fn);
  if (inherited && globalPath(inherited) && !isConstructor(inherited)) return;
  node.inherits = walk.slot(inherited, { parent, label: "what it inherits from", step: "" });
}
