import path from "node:path";
import { pathToFileURL } from "node:url";
import { checkOptions } from "../../base/check-options.ts";
import { badArgument } from "../../base/errors.ts";
import { type ComputeOptions, computeOptionNames } from "../../client/compute-options.ts";
import { packingOfName } from "../../formats/packing.ts";
import { isNamedAsList, type WritePattern } from "../../formats/success-list.ts";
import { textEncoding } from "../../formats/text-encoding.ts";
import type { PartName, TextWriting } from "../../formats/written-text.ts";

/** How JSON lines are written. */
export interface WriteJsonLinesOptions extends ComputeOptions {
  /**
   * What stands for `*` in the name of a partition's file. Default: its number, with zeros in front. It runs on workers;
   * names that sort in another order are read back in that order.
   */
  readonly name?: (partition: number) => string;
  /**
   * `"utf-8"` (the default), `"utf-16le"`, `"utf-16be"`, or any encoding of single bytes that `TextDecoder` knows. A record
   * with a character that it lacks is an error.
   */
  readonly encoding?: string;
}

/** How text is written. */
export interface WriteTextOptions extends WriteJsonLinesOptions {
  /** Written behind every record. Default: `"\n"`. */
  readonly delimiter?: string;
}

/** What a call that writes was given, checked. */
export interface CheckedWrite {
  readonly writing: TextWriting;
  readonly name: PartName | undefined;
  readonly options: ComputeOptions;
}

/** What `writeText` was given. */
export function checkWriteText(pattern: unknown, given?: WriteTextOptions): CheckedWrite {
  const where = "bag.writeText";
  const known = checkOptions(where, given, [
    ...computeOptionNames,
    "name",
    "encoding",
    "delimiter",
  ]);
  const { name, encoding: said, delimiter = "\n", ...options } = known;
  if (typeof delimiter !== "string" || delimiter === "") {
    throw badArgument(`${where}: delimiter`, "a text that is not empty", delimiter);
  }
  const encoding = checkEncoding(where, said, delimiter);
  const writing = {
    ...checkPattern(where, pattern),
    records: "text",
    delimiter,
    encoding,
  } as const;
  return { writing, name: checkName(where, name), options };
}

/** What `writeJsonLines` was given. */
export function checkWriteJsonLines(pattern: unknown, given?: WriteJsonLinesOptions): CheckedWrite {
  const where = "bag.writeJsonLines";
  const known = checkOptions(where, given, [...computeOptionNames, "name", "encoding"]);
  const { name, encoding: said, ...options } = known;
  const lines = {
    records: "json",
    delimiter: "\n",
    encoding: checkEncoding(where, said, "\n"),
  } as const;
  const writing = { ...checkPattern(where, pattern), ...lines };
  return { writing, name: checkName(where, name), options };
}

function checkName(where: string, name: unknown): PartName | undefined {
  if (name === undefined || typeof name === "function") return name as PartName | undefined;
  throw badArgument(`${where}: name`, "a function of the number of a partition", name);
}

function checkEncoding(where: string, name: unknown = "utf-8", delimiter: string): string {
  const encoding = typeof name === "string" ? textEncoding(name) : undefined;
  if (encoding === undefined || encoding.encode("") === undefined) {
    const expected =
      '"utf-8", "utf-16le", "utf-16be" or an encoding of single bytes such as "latin1"';
    throw badArgument(`${where}: encoding`, expected, name);
  }
  if (encoding.encode(delimiter) === undefined && encoding.name !== "utf-8") {
    throw badArgument(`${where}: delimiter`, `a text that ${encoding.name} has`, delimiter);
  }
  return encoding.name;
}

function checkPattern(where: string, pattern: unknown): WritePattern & Pick<TextWriting, "isUrl"> {
  const at = `${where}: pattern`;
  const expected = 'a path whose file name has one "*" for the number of the part';
  const text = pattern instanceof URL ? pattern.href : pattern;
  if (typeof text !== "string") throw badArgument(at, expected, pattern);
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(text)?.[1];
  if (scheme !== undefined && scheme !== "file" && scheme !== "s3") {
    throw badArgument(at, "a local path, or a URL with file: or s3:", text);
  }
  const isObject = scheme === "s3";
  const url = isObject || text.startsWith("file:") ? text : pathToFileURL(path.resolve(text)).href;
  const [prefix, suffix, more] = url.split("*");
  if (prefix === undefined || suffix === undefined || more !== undefined || suffix.includes("/")) {
    throw badArgument(at, expected, text);
  }
  if (isNamedAsList(`${prefix}0${suffix}`)) {
    throw badArgument(at, 'another file name: "_success-" begins that of the list', text);
  }
  packingOfName(url);
  return { prefix, suffix, isUrl: !isObject };
}
