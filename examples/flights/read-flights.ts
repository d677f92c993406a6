import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { zstdDecompressSync } from "node:zlib";
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from "hyparquet";

/** Rows of the file that are stored together, and so are read by one task. */
export interface RowGroup {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** One flight, as far as this program wants to know it. */
export interface Flight {
  readonly origin: string;
  /** 1 for January. */
  readonly month: number;
  /** Minutes; negative if early. */
  readonly delay: number;
  /** Miles. */
  readonly distance: number;
}

/** One airport. */
export interface Airport {
  readonly iata: string;
  readonly name: string;
  readonly state: string;
}

/** The path of a file of the npm package vega-datasets. */
export function dataFile(name: string): string {
  return fileURLToPath(new URL(`../data/${name}`, import.meta.resolve("vega-datasets")));
}

/** The row groups of a Parquet file. */
export async function rowGroupsOf(file: string): Promise<RowGroup[]> {
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(file));
  let start = 0;
  return metadata.row_groups.map((group) => {
    const end = start + Number(group.num_rows);
    const rows = { file, start, end };
    start = end;
    return rows;
  });
}

/** The flights of one row group. Columns are read one by one: no row exists before it is a flight. */
export async function readFlights({ file, start, end }: RowGroup): Promise<Flight[]> {
  const columns = new Map<string, unknown[]>();
  await parquetRead({
    file: await asyncBufferFromFile(file),
    rowStart: start,
    rowEnd: end,
    columns: ["date", "delay", "distance", "origin"],
    // The reader brings no ZSTD of its own; Node does.
    compressors: { ZSTD: (bytes) => zstdDecompressSync(bytes) },
    onChunk: ({ columnName, columnData }) => {
      const known = columns.get(columnName) ?? [];
      for (const value of columnData) known.push(value);
      columns.set(columnName, known);
    },
  });
  const column = (name: string): unknown[] => columns.get(name) ?? [];
  const dates = column("date");
  const delays = column("delay");
  const distances = column("distance");
  return column("origin").map((origin, row) => ({
    origin: String(origin),
    month: (dates[row] as Date).getUTCMonth() + 1,
    // int64 columns arrive as bigints.
    delay: Number(delays[row]),
    distance: Number(distances[row]),
  }));
}

/** The airports of the package's CSV file: short enough for the program itself to read. */
export function readAirports(): Airport[] {
  const lines = readFileSync(dataFile("airports.csv"), "utf8").trimEnd().split(/\r?\n/);
  return lines.slice(1).map((line) => {
    const [iata = "", name = "", , state = ""] = csvFields(line);
    return { iata, name, state };
  });
}

/** The fields of one line of CSV, some of them in double quotes. */
function csvFields(line: string): string[] {
  return Array.from(line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g), ([, field = ""]) =>
    field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field,
  );
}
