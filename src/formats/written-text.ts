import type { ByteSource } from "../backend/byte-source.ts";
import { badArgument, isLambdaskError } from "../base/errors.ts";
import { isNamedAsList, listUrl, type WritePattern } from "./success-list.ts";

/** What a user's function says stands in the name of a part's file. */
export type PartName = (partition: number) => unknown;

/** How a bag becomes files, as plain data. */
export interface TextWriting extends WritePattern {
  /** What lines are made of: texts, or records as JSON. */
  readonly records: "text" | "json";
  /** Written behind every record. */
  readonly delimiter: string;
  /** As `TextDecoder` calls it. */
  readonly encoding: string;
  /** Names are written in the way of URLs. */
  readonly isUrl: boolean;
}

/** The number of a part of `count` as text: names sort like numbers. */
export function partNumber(partition: number, count: number): string {
  return String(partition).padStart(String(count - 1).length, "0");
}

/** What stands for a part in the name of its file; a BAD_ARGUMENT error for what is no part of a name. */
export function checkedPartName(writing: TextWriting, name: PartName, partition: number): string {
  const where = `bag.${writing.records === "json" ? "writeJsonLines" : "writeText"}: name`;
  const given = name(partition);
  const fits = typeof given === "string" && given !== "" && given.isWellFormed();
  if (!fits || /[/\\\0]/.test(given)) {
    throw badArgument(where, `a part of a file name for partition ${partition}`, given);
  }
  const said = writing.isUrl ? encodeURIComponent(given) : given;
  const url = writing.prefix + said + writing.suffix;
  if (isNamedAsList(url) || /\/\.{1,2}$/.test(url)) {
    throw badArgument(where, `another name for partition ${partition}`, given);
  }
  return said;
}

/** A file that was written. */
export interface WrittenFile {
  readonly url: string;
  readonly records: number;
  /** Bytes of text, before it is packed. */
  readonly bytes: number;
}

/** Writes the list of a result's files, once those that an earlier result had besides are gone, and what killed writers left. */
export async function replaceList(
  sources: ByteSource,
  pattern: WritePattern,
  result: { readonly files: readonly WrittenFile[]; readonly earlier: readonly string[] },
): Promise<void> {
  const { files, earlier } = result;
  const written = new Set(files.map(({ url }) => url));
  for (const url of earlier) if (!written.has(url)) await sources.remove(url);
  await sources.sweep?.(listUrl(pattern));
  const records = files.reduce((sum, file) => sum + file.records, 0);
  await writeWhole(sources, listUrl(pattern), `${JSON.stringify({ files, records }, null, 2)}\n`);
}

/** Writes a short text as a file. */
export async function writeWhole(sources: ByteSource, url: string, text: string): Promise<void> {
  await sources.write(url, once(Buffer.from(text)));
}

/** The text of a short file; `undefined` if it cannot be read. */
export async function readWhole(sources: ByteSource, url: string): Promise<string | undefined> {
  try {
    const [file] = await sources.expand(url);
    if (file === undefined) return undefined;
    const pieces = await Array.fromAsync(sources.read(file, { start: 0, end: file.bytes }));
    return Buffer.concat(pieces).toString();
  } catch (error) {
    if (isLambdaskError(error, "SOURCE")) return undefined;
    throw error;
  }
}

/**
 * The files that a list names. Only what the pattern stands for is ever taken away, whatever the list says: numbers, and
 * what `nameOf` says of partitions.
 */
export function namesIn(
  text: string | undefined,
  { prefix, suffix }: WritePattern,
  nameOf?: (partition: number) => string,
): string[] {
  const files = (parsed(text) as { readonly files?: unknown } | null | undefined)?.files;
  if (!Array.isArray(files)) return [];
  const names = new Set(nameOf === undefined ? [] : files.map((_, partition) => nameOf(partition)));
  return files
    .map((file: { readonly url?: unknown } | null) => file?.url)
    .filter((url) => typeof url === "string")
    .filter((url) => {
      const isPart = url.startsWith(prefix) && url.endsWith(suffix);
      const name = url.slice(prefix.length, url.length - suffix.length);
      return isPart && (/^\d+$/.test(name) || names.has(name));
    });
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
