import path from "node:path";
import { LambdaskError } from "../base/errors.ts";
import { filePath } from "./file-origin.ts";

/** How the walk came to a value, for messages. */
export interface Trail {
  readonly parent: Trail | undefined;
  /** For people, such as `variable x (used at a.ts:3:4)`; computed only when it is shown. */
  readonly label: string | (() => string);
  /** The same as code: `x`, `.y`, `[3]`. */
  readonly step: string;
  /** Where the user's text names it. */
  readonly at?: () => string;
}

/** Why something cannot be sent, and what to do about it. */
export interface Refusal {
  readonly problem: string;
  readonly fix: string;
  /** `file:line:column`, if better than what the trail knows. */
  readonly at?: string;
}

/** The CANNOT_SHIP error for the value at the end of `trail`. */
export function cannotShip(
  where: string,
  trail: Trail | undefined,
  refusal: Refusal,
): LambdaskError {
  const steps: Trail[] = [];
  for (let one = trail; one; one = one.parent) steps.unshift(one);
  const shown = steps.length > 14 ? [...steps.slice(0, 6), ellipsis, ...steps.slice(-6)] : steps;
  const lines = shown.map(
    ({ label }, i) =>
      `\n  ${"  ".repeat(i)}${i > 0 ? "└ " : ""}${typeof label === "string" ? label : label()}`,
  );
  const at = refusal.at ?? steps.findLast((step) => step.at)?.at?.() ?? "";
  const variable = variablePath(steps);
  const subject = variable ? `\`${variable}\`` : "the function";
  return new LambdaskError("CANNOT_SHIP", {
    message: `${where}: cannot send ${subject} to a worker: ${refusal.problem}${at ? ` (${at})` : ""}${lines.join("")}`,
    fix: refusal.fix,
    data: { path: variable, at },
  });
}

const ellipsis: Trail = { parent: undefined, label: "…", step: "" };

/** The way to what `trail` ends at, as code. */
export function pathOf(trail: Trail | undefined): string {
  const steps: Trail[] = [];
  for (let one = trail; one; one = one.parent) steps.unshift(one);
  return variablePath(steps);
}

/** `ctx.srv`, or `helper › cache` where a captured function captures in turn. */
function variablePath(steps: readonly Trail[]): string {
  let text = "";
  for (const { step } of steps) {
    const joined = /^[.[(]/.test(step) || step === "" || text === "";
    text += joined ? step : ` › ${step}`;
  }
  return text.length > 200 ? `${text.slice(0, 100)} … ${text.slice(-90)}` : text;
}

/** A file of the user's for messages: relative to the working directory where that is shorter. */
export function shortName(url: string): string {
  if (!url.startsWith("file:")) return url;
  const file = filePath(url);
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith("..") ? file : relative;
}
