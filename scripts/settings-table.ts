import { variableOf } from "../src/config/environment.ts";
import { settingKeys, settingOf } from "../src/config/schema.ts";

/** The settings as the table of docs/configuration.md. */
export function settingsTable(): string {
  const rows = settingKeys.map((key) => {
    const { kind, what, otherwise, readBy, alsoVariable, ...setting } = settingOf(key);
    const value =
      setting.default === undefined ? undefined : `\`${JSON.stringify(setting.default)}\``;
    const variables = [variableOf(key), ...(alsoVariable === undefined ? [] : [alsoVariable])];
    const names =
      kind.fromText === undefined
        ? `none: ${kind.rule} is no text`
        : variables.map((name) => `\`${name}\``).join(", then ");
    return [`\`${key}\``, what, kind.rule, value ?? otherwise ?? "", names, readBy];
  });
  const head = ["setting", "what it decides", "it is", "default", "variable", "read by"];
  return table(head, rows);
}

/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return `${lines.map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n")}\n`;
}

/** Text in a cell: a bar would end it. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
