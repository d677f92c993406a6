import type { ProgressMode } from "../../config/progress-mode.ts";
import { checkSetting } from "../../config/schema.ts";

/** The mode to use: `--progress=` of the program wins over `given`, the setting. */
export function chooseProgressMode(
  given: ProgressMode,
  outside: {
    readonly argv: readonly string[];
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly isTerminal: boolean;
  },
): Exclude<ProgressMode, "auto"> {
  const flag = outside.argv.find((argument) => argument.startsWith("--progress="));
  const chosen =
    flag !== undefined
      ? checkSetting("--progress", "progress", flag.slice("--progress=".length))
      : given;
  if (chosen !== "auto") return chosen;
  return outside.isTerminal && outside.env["TERM"] !== "dumb" && !outside.env["CI"]
    ? "tty"
    : "plain";
}
