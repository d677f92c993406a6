import type { Kernel } from "../../backend/kernel.ts";
import type { Batches } from "../../chunk/batches.ts";
import { packed, packingOfName } from "../../formats/packing.ts";
import {
  listUrl,
  namesIn,
  readWhole,
  type WritePattern,
  type WrittenFile,
  writeList,
} from "../../formats/written-text.ts";
import { batchesOf, listOf } from "./bag-apply.ts";
import { wrongRecord } from "./wrong-record.ts";

/** `text.write-begin`: takes away the list of an earlier result, and gives the files that it named. */
export const beginWrite: Kernel = async ({ params, task }) => {
  const pattern = params as WritePattern;
  const url = listUrl(pattern);
  const earlier = namesIn(await readWhole(task.sources, url), pattern);
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
  await task.sources.write(url, packed(text, packingOfName(url)));
  return written;
};

/** `text.write-manifest`: the list of the files beside them, once all are there and those it replaces are not. */
export const writeManifest: Kernel = async ({ arguments: [list, begun], params, task }) => {
  const files = await listOf<WrittenFile>(list).all();
  const written = new Set(files.map(({ url }) => url));
  const earlier = await listOf<readonly string[]>(begun).all();
  for (const url of earlier.flat()) if (!written.has(url)) await task.sources.remove(url);
  await writeList(task.sources, params as WritePattern, files);
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
