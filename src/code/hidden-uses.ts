import { computedImport, entryImport } from "./captured-variables.ts";
import type { HiddenKind } from "./free-variables.ts";
import type { FunctionSite } from "./function-site.ts";
import { importTarget } from "./import-target.ts";
import type { Refusal, Trail } from "./trail.ts";
import type { WalkContext } from "./walk-context.ts";

const hiddenUses: Readonly<Record<HiddenKind, Omit<Refusal, "at">>> = {
  this: {
    problem: "it uses `this` of the place where it is written, which cannot be read from outside",
    fix: "copy what it needs first: const { scale } = this",
  },
  arguments: {
    problem: "it uses `arguments` of an outer function",
    fix: "give the outer function a rest parameter (...args) and use that",
  },
  "new.target": {
    problem: "it uses new.target of an outer function",
    fix: "copy it into a variable first: const target = new.target",
  },
  super: {
    problem: "it uses `super` outside of a class that is sent whole",
    fix: "send the class or an instance of it and call the method inside the function",
  },
  eval: {
    problem: "it calls eval directly, which may use any variable",
    fix: "use what is needed by name, or (0, eval)(text) if the text needs no variables",
  },
  "import.meta": {
    problem: "it uses import.meta, which is another one in the worker",
    fix: "compute the value outside of the function and capture it",
  },
  "private name": {
    problem: "it uses a private name (#x) of a class it is not in",
    fix: "send the class or an instance of it instead",
  },
};

/** Refuses a function that takes from its surroundings what no scope shows. */
export function refuseHidden(walk: WalkContext, site: FunctionSite, trail: Trail): void {
  const { hidden, imports, requires } = site.syntax.free;
  for (const [kind, at] of hidden) {
    // A function of its own has `this`, whoever calls it; only what it takes from outside is lost.
    const own = site.syntax.kind === "function" || site.syntax.kind === "method";
    if (own && (kind === "this" || kind === "arguments" || kind === "new.target")) continue;
    walk.refuse(trail, { ...hiddenUses[kind], at: site.at(at) });
  }
  for (const { specifier, at } of [...imports, ...requires]) {
    const where = { at: site.at(at) };
    if (specifier === undefined) walk.refuse(trail, { ...computedImport, ...where });
    const { runsEntry } = importTarget({ specifier, how: "import" }, site.script().url);
    if (runsEntry) walk.refuse(trail, { ...entryImport, ...where });
  }
}
