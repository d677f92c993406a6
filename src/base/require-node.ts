import { LambdaskError } from "./errors.ts";

const nodeMajorMin = 24;

/** Throws UNSUPPORTED_RUNTIME if `version` is a Node that the package does not run on. */
export function requireNode(version: string = process.versions.node): void {
  if (Number.parseInt(version, 10) >= nodeMajorMin) return;
  throw new LambdaskError("UNSUPPORTED_RUNTIME", {
    message: `Node ${version} is too old: lambdask needs Node ${nodeMajorMin} or later`,
    fix: `install Node ${nodeMajorMin} or later (https://nodejs.org)`,
  });
}
