import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { tables, withTable } from "../scripts/tables.ts";
import { settingKeys } from "../src/config/schema.ts";

const root = path.resolve(import.meta.dirname, "..");

test.each(tables.map((table) => ({ ...table, what: `${table.document}: ${table.name}` })))(
  "$what is as the sources say",
  (table) => {
    const committed = readFileSync(path.join(root, table.document), "utf8");
    expect(committed, "if the change is meant, run `npm run tables`").toBe(withTable(table));
  },
);

test("docs/configuration.md names every setting", () => {
  const text = readFileSync(path.join(root, "docs/configuration.md"), "utf8");
  for (const key of settingKeys) expect(text).toContain(`| \`${key}\` |`);
});
