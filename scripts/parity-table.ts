import fs from "node:fs";
import path from "node:path";
import { table } from "./settings-table.ts";

/** The table that the page is made of, relative to the root. */
export const parityFile = "docs/parity.tsv";

/** A name of Dask's, and what stands in its place. */
export interface ParityRow {
  readonly area: string;
  readonly name: string;
  readonly importance: string;
  /** Public names of ours, each with its class if it is a member; none if there is nothing. */
  readonly ours: readonly string[];
  readonly note: string;
}

/** Areas as the page shows them. */
const titles: ReadonlyMap<string, string> = new Map([
  ["bag", "Bag"],
  ["delayed", "Delayed"],
  ["base", "Base"],
  ["tokenize", "Tokenize"],
  ["datasets", "Datasets"],
  ["graph_manipulation", "Graph manipulation"],
  ["config", "Configuration"],
  ["client", "Client"],
  ["futures", "Futures"],
  ["sync", "Locks and the like"],
  ["actors", "Actors"],
  ["diagnostics_local", "Diagnostics on one machine"],
  ["diagnostics_distributed", "Diagnostics of a cluster"],
]);

/** The rows of a table of text with tabs; lines that begin with `#` are notes. */
export function tableRows(text: string): string[][] {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => line.split("\t"));
}

/** The rows of docs/parity.tsv. */
export function parityRows(root: string): ParityRow[] {
  const [, ...rows] = tableRows(fs.readFileSync(path.join(root, parityFile), "utf8"));
  return rows.map(([area = "", name = "", importance = "", ours = "", note = ""]) => ({
    area,
    name,
    importance,
    ours: ours.split(" ").filter((word) => word !== ""),
    note,
  }));
}

/** The tables of docs/parity.md. */
export function parityTables(root: string): string {
  const rows = parityRows(root);
  const sections = [...titles].map(([area, title]) => {
    const own = rows.filter((row) => row.area === area);
    const cells = own.map(({ name, importance, ours, note }) => [
      `\`${name}\``,
      importance,
      ours.length === 0 ? "–" : ours.map((word) => `\`${word}\``).join(", "),
      note,
    ]);
    const head = ["Dask", "importance", "Lambdask", "note"];
    return `## ${title}\n\n${share(own)}\n\n${table(head, cells)}`;
  });
  return [share(rows), ...sections].join("\n\n").replaceAll(/\n{3,}/g, "\n\n");
}

/** How many names have something in their place, by importance. */
function share(rows: readonly ParityRow[]): string {
  const counts = ["core", "common", "rare"].flatMap((importance) => {
    const all = rows.filter((row) => row.importance === importance);
    const there = all.filter((row) => row.ours.length > 0);
    return all.length === 0 ? [] : [`${there.length} of ${all.length} ${importance}`];
  });
  return `Here: ${counts.join(", ")}.`;
}
