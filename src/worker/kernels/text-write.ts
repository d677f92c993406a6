import type { Kernel } from "../../backend/kernel.ts";
import type { Batches } from "../../chunk/batches.ts";
import { gzip, isGzipName } from "../../formats/gzip.ts";
import { batchesOf, listOf } from "./bag-apply.ts";
import { wrongRecord } from "./wrong-record.ts";

/** A file that was written. */
interface WrittenFile {
  readonly url: string;
  readonly records: number;
  /** Bytes of text, before gzip. */
  readonly bytes: number;
}

/** `text.write`: the part as one file, a line per record; the file appears whole or not at all. */
export const writeLines: Kernel = async ({ arguments: [part], params, task }) => {
  const { prefix, suffix } = params as { readonly prefix: string; readonly suffix: string };
  const digits = String(task.count - 1).length;
  const url = `${prefix}${String(task.index).padStart(digits, "0")}${suffix}`;
  const written = { url, records: 0, bytes: 0 };
  const text = encoded(batchesOf(part), written, task.index);
  await task.sources.write(url, isGzipName(url) ? gzip(text) : text);
  return written;
};

/** `text.write-manifest`: the list of the files beside them, once all are there. */
export const writeManifest: Kernel = async ({ arguments: [list], params, task }) => {
  const files = await listOf<WrittenFile>(list).all();
  const { url } = params as { readonly url: string };
  const records = files.reduce((sum, file) => sum + file.records, 0);
  const text = `${JSON.stringify({ files, records }, null, 2)}\n`;
  await task.sources.write(url, once(Buffer.from(text)));
  return files;
};

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
