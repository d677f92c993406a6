import { badArgument } from "../../base/errors.ts";

const modes = ["auto", "tty", "plain", "json", "none"] as const;

/**
 * What is shown of runs on stderr. `auto`: a live block on a terminal, sparse lines elsewhere. `json`: the events, one
 * a line.
 */
export type ProgressMode = (typeof modes)[number];

/** The mode that `value` says; a BAD_ARGUMENT error that names `where` if it says none. */
export function parseProgressMode(where: string, value: unknown): ProgressMode {
  const mode = modes.find((known) => known === value);
  if (mode !== undefined) return mode;
  throw badArgument(where, `one of ${modes.map((known) => `"${known}"`).join(", ")}`, value);
}

/** The mode to use: `--progress=` of the program wins over `connect`, which wins over LAMBDASK_PROGRESS. */
export function chooseProgressMode(
  given: ProgressMode | undefined,
  outside: {
    readonly argv: readonly string[];
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly isTerminal: boolean;
  },
): Exclude<ProgressMode, "auto"> {
  const flag = outside.argv.find((argument) => argument.startsWith("--progress="));
  const variable = outside.env["LAMBDASK_PROGRESS"];
  const chosen =
    flag !== undefined
      ? parseProgressMode("--progress", flag.slice("--progress=".length))
      : (given ?? (variable ? parseProgressMode("LAMBDASK_PROGRESS", variable) : "auto"));
  if (chosen !== "auto") return chosen;
  return outside.isTerminal && outside.env["TERM"] !== "dumb" && !outside.env["CI"]
    ? "tty"
    : "plain";
}
