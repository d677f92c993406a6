import type { ByteSource } from "../backend/byte-source.ts";
import { isLambdaskError } from "../base/errors.ts";

/** The names of files around the number of the part. */
export interface WritePattern {
  readonly prefix: string;
  readonly suffix: string;
}

/** A file that was written. */
export interface WrittenFile {
  readonly url: string;
  readonly records: number;
  /** Bytes of text, before gzip. */
  readonly bytes: number;
}

/** Where the list of a result's files lies: whoever finds it finds all of them. */
export function listUrl({ prefix }: WritePattern): string {
  return `${prefix}success.json`;
}

/** Writes the list of a result's files. */
export async function writeList(
  sources: ByteSource,
  pattern: WritePattern,
  files: readonly WrittenFile[],
): Promise<void> {
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

/** The files that a list names. Only what the pattern stands for is ever taken away, whatever the list says. */
export function namesIn(text: string | undefined, { prefix, suffix }: WritePattern): string[] {
  const files = (parsed(text) as { readonly files?: unknown } | null | undefined)?.files;
  if (!Array.isArray(files)) return [];
  return files
    .map((file: { readonly url?: unknown } | null) => file?.url)
    .filter((url) => typeof url === "string")
    .filter((url) => {
      const isPart = url.startsWith(prefix) && url.endsWith(suffix);
      return isPart && /^\d+$/.test(url.slice(prefix.length, url.length - suffix.length));
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
