// `npm run tables`: writes the tables that the documents show of what the sources say. A test compares them.
import fs from "node:fs";
import path from "node:path";
import { parityTables } from "./parity-table.ts";
import { settingsTable } from "./settings-table.ts";

const root = path.resolve(import.meta.dirname, "..");

/** A document, and what stands in it between `<!-- name -->` and `<!-- end of name -->`. */
export interface GeneratedTable {
  readonly document: string;
  readonly name: string;
  make(): string;
}

/** All of them. */
export const tables: readonly GeneratedTable[] = [
  { document: "docs/configuration.md", name: "settings", make: settingsTable },
  { document: "docs/parity.md", name: "parity", make: () => parityTables(root) },
];

/** The document's text with its table as the sources say it now. */
export function withTable({ document, name, make }: GeneratedTable): string {
  const text = fs.readFileSync(path.join(root, document), "utf8");
  const start = `<!-- ${name} -->\n`;
  const end = `<!-- end of ${name} -->\n`;
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${document}: no place for the table ${name}`);
  return `${text.slice(0, from + start.length)}\n${make()}\n${text.slice(to)}`;
}

if (import.meta.main) {
  for (const table of tables) fs.writeFileSync(path.join(root, table.document), withTable(table));
}
