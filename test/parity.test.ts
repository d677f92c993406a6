import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parityRows, parityTables, tableRows } from "../scripts/parity-table.ts";
import { publicMembers } from "./public-members.ts";

const root = path.resolve(import.meta.dirname, "..");
const names = tableRows(readFileSync(path.join(root, "test/dask-names.tsv"), "utf8"));
const rows = parityRows(root);
const members = publicMembers(root, [
  "src/index.ts",
  "src/bag.ts",
  "src/datasets.ts",
  "src/aws.ts",
]);

describe("docs/parity.tsv", () => {
  test("has a row for each of Dask's names in its areas, in their order, and no others", () => {
    expect(names.length).toBe(259);
    expect(rows.map(({ area, name, importance }) => [area, name, importance])).toEqual(
      names.map(([area, name, , importance]) => [area, name, importance]),
    );
  });

  test("names only what the package gives out", () => {
    const unknown = rows.flatMap(({ area, name, ours }) =>
      ours.filter((word) => !members.has(word)).map((word) => `${area} ${name}: ${word}`),
    );
    expect(unknown).toEqual([]);
  });

  test("gives a reason where there is nothing", () => {
    const silent = rows.filter(
      ({ ours, note }) => ours.length === 0 && (note.length < 10 || note.includes("not there yet")),
    );
    expect(silent.map(({ area, name }) => `${area} ${name}`)).toEqual([]);
  });

  test("has something for every core name but the bridge to dataframes, which do not exist yet", () => {
    const without = rows.filter(
      ({ importance, ours }) => importance === "core" && ours.length === 0,
    );
    expect(without.map(({ name }) => name)).toEqual(["Bag.to_dataframe"]);
  });

  test("refers only to rows of its own area", () => {
    const dangling = rows.filter(({ area, note }) => {
      const other = /^see `([^`]+)`/.exec(note)?.[1];
      const named = (name: string): boolean => name === other || name.endsWith(`.${other}`);
      return other !== undefined && !rows.some((row) => row.area === area && named(row.name));
    });
    expect(dangling.map(({ name, note }) => `${name}: ${note}`)).toEqual([]);
  });

  test("has every area on the page", () => {
    const page = parityTables(root);
    for (const { name } of rows) expect(page).toContain(`| \`${name}\` |`);
  });
});

describe("what the package gives out", () => {
  test("has members of classes, those of their bases, of interfaces and of objects", () => {
    for (const name of [
      "Bag.map",
      "Bag.compute",
      "Future.result",
      "config.get",
      "Delayed.compute",
    ]) {
      expect(members).toContain(name);
    }
    expect(members).not.toContain("Bag.expr");
    expect(members).not.toContain("Bag.nothing");
  });
});
