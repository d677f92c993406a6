import { LambdaskError } from "../../base/errors.ts";

/** The way from the value that was given to a part of it. */
export interface TokenTrail {
  readonly parent: TokenTrail | undefined;
  readonly step: string;
}

/** Why something has no identity by content. */
export interface TokenProblem {
  readonly problem: string;
  readonly fix?: string;
  readonly cause?: unknown;
}

const generalFix =
  'leave it out, or give its class a method [Symbol.for("lambdask.tokenize")]() that returns what tells instances apart';

/** The error of a value that has no identity by content, at the end of `trail`. */
export function noIdentity(
  trail: TokenTrail | undefined,
  { problem, fix = generalFix, cause }: TokenProblem,
): LambdaskError {
  const message = `tokenize: ${pathOf(trail)}: ${problem}`;
  return new LambdaskError("NOT_DATA", { message, fix, ...(cause === undefined ? {} : { cause }) });
}

function pathOf(trail: TokenTrail | undefined): string {
  const steps: string[] = [];
  for (let at = trail; at !== undefined; at = at.parent) steps.push(at.step);
  return `value${steps.reverse().join("")}`;
}

/** A key as a step of a path. */
export function keyStep(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
