import type { GraphNode } from "./graph.ts";
import { functionName, inheritance, isObject, ownValue, prototypeOf } from "./reflection.ts";
import type { Trail } from "./trail.ts";
import type { WalkContext } from "./walk-context.ts";

/** A class's static method of this name gives, for an instance, data that the class can make it from again. */
const packKey: unique symbol = Symbol.for("lambdask.pack");

/** A class's static method of this name makes an instance of what its `packKey` method gave. */
const unpackKey: unique symbol = Symbol.for("lambdask.unpack");

/**
 * The node for an instance whose class says how to pack it, as classes with private fields must. This is the only code
 * of the user's that a capture runs.
 */
export function packedInstance(
  walk: WalkContext,
  value: object,
  trail: Trail,
): GraphNode | undefined {
  const prototype = prototypeOf(value);
  const maker = prototype && ownValue(prototype, "constructor");
  if (!isObject(maker) || typeof maker !== "function") return undefined;
  const pack = staticMethod(maker, packKey);
  if (!pack) return undefined;
  const name = functionName(maker) || "without a name";
  if (!staticMethod(maker, unpackKey)) {
    walk.refuse(trail, {
      problem: `its class ${name} can pack it but not unpack it`,
      fix: 'add static [Symbol.for("lambdask.unpack")](data), which makes an instance again',
    });
  }
  const data = packedData(walk, () => Reflect.apply(pack, maker, [value]), { name, trail });
  return {
    kind: "packed",
    maker: walk.slot(maker, { parent: trail, label: `class ${name}`, step: "" }),
    data: walk.slot(data, { parent: trail, label: "what its class packed", step: "(packed)" }),
  };
}

function packedData(
  walk: WalkContext,
  pack: () => unknown,
  { name, trail }: { readonly name: string; readonly trail: Trail },
): unknown {
  try {
    return pack();
  } catch (error) {
    return walk.refuse(trail, {
      problem: `its class ${name} could not pack it: ${String(error)}`,
      fix: 'make static [Symbol.for("lambdask.pack")](instance) work for every instance',
    });
  }
}

type StaticMethod = (this: object, given: unknown) => unknown;

/** A static method of the class or one that it extends; no getter runs. */
function staticMethod(maker: object, key: symbol): StaticMethod | undefined {
  for (const at of inheritance(maker)) {
    const found = ownValue(at, key);
    if (typeof found === "function") return found as StaticMethod; // Any function takes one argument.
  }
  return undefined;
}

/** Makes an instance again in the worker. */
export function unpack(maker: unknown, data: unknown): unknown {
  const method = typeof maker === "function" ? staticMethod(maker, unpackKey) : undefined;
  return method && Reflect.apply(method, maker as object, [data]);
}
