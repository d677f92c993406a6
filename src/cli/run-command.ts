import { parseArgs } from "node:util";
import { LambdaskError } from "../base/errors.ts";
import type { Command, CommandValues } from "./command.ts";
import { commands } from "./commands.ts";

/** Runs the command that the words name; its exit code. */
export async function runCommand(words: readonly string[]): Promise<number> {
  const [name = "help", ...others] = words;
  if (name === "help" || name === "--help" || name === "-h") {
    console.log(helpText());
    return 0;
  }
  const command = commands.get(name);
  if (command === undefined) {
    throw new LambdaskError("BAD_ARGUMENT", {
      message: `"${name}" is no command of lambdask`,
      fix: `use one of: ${[...commands.keys()].join(", ")}`,
    });
  }
  if (others.includes("--help") || others.includes("-h")) {
    console.log(commandText(name, command));
    return 0;
  }
  return await (await command.load())(valuesOf(name, command, others));
}

function valuesOf(name: string, command: Command, words: readonly string[]): CommandValues {
  const options = Object.fromEntries(
    command.options.map(({ flag, value }) => [
      flag,
      { type: value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  try {
    return parseArgs({ args: [...words], options, strict: true }).values;
  } catch (cause) {
    throw new LambdaskError("BAD_ARGUMENT", {
      message: `lambdask ${name}: ${cause instanceof Error ? cause.message : String(cause)}`,
      fix: `see lambdask ${name} --help`,
      cause,
    });
  }
}

function helpText(): string {
  const lines = [...commands].map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`);
  return [
    "usage: lambdask <command> [options]",
    "",
    ...lines,
    "",
    "lambdask <command> --help has the options.",
  ].join("\n");
}

function commandText(name: string, { summary, options }: Command): string {
  const lines = options.map(({ flag, value, what }) => {
    const left = value === undefined ? `--${flag}` : `--${flag} ${value}`;
    return `  ${left.padEnd(32)}${what}`;
  });
  return [`usage: lambdask ${name} [options]`, summary, "", ...lines].join("\n");
}
