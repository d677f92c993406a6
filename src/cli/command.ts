/** An option of a command. */
export interface CommandOption {
  readonly flag: string;
  /** What stands for its value in the help; an option without one is a switch. */
  readonly value?: string;
  readonly what: string;
}

/** What the user gave, by flag. */
export type CommandValues = Readonly<Record<string, string | boolean | undefined>>;

/** Runs a command; gives its exit code. */
type CommandRun = (values: CommandValues) => Promise<number>;

/** A command; what it needs is loaded when it runs. */
export interface Command {
  readonly summary: string;
  readonly options: readonly CommandOption[];
  load(): Promise<CommandRun>;
}
