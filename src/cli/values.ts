import { LambdaskError } from "../base/errors.ts";
import type { CommandValues } from "./command.ts";

/** The text given for a flag. */
export function textOf(values: CommandValues, flag: string): string | undefined {
  const value = values[flag];
  return typeof value === "string" ? value : undefined;
}

/** The days given for a flag. */
export function daysOf(values: CommandValues, flag: string, byDefault: number): number {
  const text = textOf(values, flag);
  if (text === undefined) return byDefault;
  const days = Number(text);
  if (text !== "" && Number.isFinite(days) && days >= 0) return days;
  throw new LambdaskError("BAD_ARGUMENT", {
    message: `--${flag}: expected a number of days, got ${JSON.stringify(text)}`,
  });
}
