import type { ByteSource } from "../../backend/byte-source.ts";
import type { Kernel } from "../../backend/kernel.ts";
import { isLambdaskError } from "../../base/errors.ts";
import type { Batches } from "../../chunk/batches.ts";
import { gzip, isGzipName } from "../../formats/gzip.ts";
import { batchesOf, listOf } from "./bag-apply.ts";
import { wrongRecord } from "./wrong-record.ts";

/** The names of the files around the number of the part. */
interface WritePattern {
  readonly prefix: string;
  readonly suffix: string;
}

/** A file that was written. */
interface WrittenFile {
  readonly url: string;
  readonly records: number;
  /** Bytes of text, before gzip. */
  readonly bytes: number;
}

/** `text.write-begin`: takes away the list of an earlier result, and gives the files that it named. */
export const beginWrite: Kernel = async ({ params, task }) => {
  const pattern = params as WritePattern;
  const url = manifestUrl(pattern);
  const earlier = await earlierFiles(task.sources, pattern);
  await task.sources.remove(url);
  return earlier;
};

/** `text.write`: the part as one file, a line per record; the file appears whole or not at all. */
export const writeLines: Kernel = async ({ arguments: [part], params, task }) => {
  const { prefix, suffix } = params as WritePattern;
  const digits = String(task.count - 1).length;
  const url = `${prefix}${String(task.index).padStart(digits, "0")}${suffix}`;
  const written = { url, records: 0, bytes: 0 };
  const text = encoded(batchesOf(part), written, task.index);
  await task.sources.write(url, isGzipName(url) ? gzip(text) : text);
  return written;
};

/** `text.write-manifest`: the list of the files beside them, once all are there and those it replaces are not. */
export const writeManifest: Kernel = async ({ arguments: [list, begun], params, task }) => {
  const files = await listOf<WrittenFile>(list).all();
  const written = new Set(files.map(({ url }) => url));
  const earlier = await listOf<readonly string[]>(begun).all();
  for (const url of earlier.flat()) if (!written.has(url)) await task.sources.remove(url);
  const records = files.reduce((sum, file) => sum + file.records, 0);
  const text = `${JSON.stringify({ files, records }, null, 2)}\n`;
  const url = manifestUrl(params as WritePattern);
  await task.sources.write(url, once(Buffer.from(text)));
  return files;
};

function manifestUrl({ prefix }: WritePattern): string {
  return `${prefix}success.json`;
}

/** The files that an earlier result of the same pattern consists of, as its list says; none if there is no such list. */
async function earlierFiles(sources: ByteSource, pattern: WritePattern): Promise<string[]> {
  try {
    const [list] = await sources.expand(manifestUrl(pattern));
    if (list === undefined) return [];
    const pieces = await Array.fromAsync(sources.read(list, { start: 0, end: list.bytes }));
    return namesIn(JSON.parse(Buffer.concat(pieces).toString()), pattern);
  } catch (error) {
    if (isLambdaskError(error, "SOURCE") || error instanceof SyntaxError) return [];
    throw error;
  }
}

/** Only what the pattern stands for is ever taken away, whatever the list says. */
function namesIn(list: unknown, { prefix, suffix }: WritePattern): string[] {
  const files = (list as { readonly files?: unknown } | null)?.files;
  if (!Array.isArray(files)) return [];
  return files
    .map((file: { readonly url?: unknown } | null) => file?.url)
    .filter((url) => typeof url === "string")
    .filter((url) => {
      const isPart = url.startsWith(prefix) && url.endsWith(suffix);
      return isPart && /^\d+$/.test(url.slice(prefix.length, url.length - suffix.length));
    });
}

async function* encoded(
  batches: Batches,
  written: { records: number; bytes: number },
  partition: number,
): AsyncGenerator<Uint8Array> {
  for await (const batch of batches) {
    const bytes = Buffer.from(
      batch.map((record, i) => line(record, written.records + i, partition)).join(""),
    );
    written.records += batch.length;
    written.bytes += bytes.length;
    yield bytes;
  }
}

function line(record: unknown, position: number, partition: number): string {
  if (typeof record === "string") return `${record}\n`;
  throw wrongRecord({
    where: "bag.writeText",
    partition,
    position,
    record,
    expected: "text",
    fix: "map the records to text before",
  });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
