import { LambdaskError } from "../base/errors.ts";

/** What decides whether functions can be captured here. */
export interface RuntimeFacts {
  /** `process.versions`. */
  readonly versions: Readonly<Record<string, string | undefined>>;
  /** Node's permission model is on and forbids the inspector. */
  readonly inspectorForbidden: boolean;
}

/** The facts of the running process. */
function runtimeFacts(): RuntimeFacts {
  const permission = process.permission as { has(scope: string): boolean } | undefined;
  return {
    versions: process.versions,
    inspectorForbidden: permission !== undefined && !permission.has("inspector"),
  };
}

const nodeMajorMin = 24;

/** Throws UNSUPPORTED_RUNTIME unless this is Node 24 or later with its inspector. */
export function requireSupportedRuntime(facts: RuntimeFacts = runtimeFacts()): void {
  const { versions } = facts;
  const other = versions["bun"] ? "Bun" : versions["deno"] ? "Deno" : undefined;
  if (other) {
    throw unsupported(
      `${other} cannot show the variables of a closure, which sending functions to workers needs`,
      `run the program with Node ${nodeMajorMin} or later: node program.ts`,
    );
  }
  const major = Number.parseInt(versions["node"] ?? "0", 10);
  if (!(major >= nodeMajorMin)) {
    throw unsupported(
      `Node ${versions["node"]} is too old: lambdask needs Node ${nodeMajorMin} or later`,
      `install Node ${nodeMajorMin} or later (https://nodejs.org)`,
    );
  }
  if (facts.inspectorForbidden) {
    throw unsupported(
      "Node's permission model is on and forbids reading the variables of closures",
      "start the program with --allow-inspector (and --allow-child-process for local workers)",
    );
  }
}

function unsupported(message: string, fix: string): LambdaskError {
  return new LambdaskError("UNSUPPORTED_RUNTIME", { message, fix });
}
