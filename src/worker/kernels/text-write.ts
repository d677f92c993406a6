import type { Kernel, UserFunction } from "../../backend/kernel.ts";
import { present } from "../../base/assert.ts";
import { badArgument } from "../../base/errors.ts";
import type { Batches } from "../../chunk/batches.ts";
import { packed, packingOfName } from "../../formats/packing.ts";
import { listUrl } from "../../formats/success-list.ts";
import { type TextEncoding, textEncoding } from "../../formats/text-encoding.ts";
import {
  checkedPartName,
  namesIn,
  partNumber,
  readWhole,
  replaceList,
  type TextWriting,
  type WrittenFile,
} from "../../formats/written-text.ts";
import { batchesOf, listOf } from "./bag-apply.ts";
import { wrongRecord } from "./wrong-record.ts";

/**
 * `text.write-begin`: takes away the list of an earlier result, and gives the files that it named. Names of
 * `params.parts` files are looked at before anything is changed. Functions: what stands in their names, or none.
 */
export const beginWrite: Kernel = async ({ params, functions, task }) => {
  const writing = params as TextWriting & { readonly parts: number };
  const nameOf = nameOfPart(writing, functions[0]);
  if (nameOf !== undefined) checkDifferent(nameOf, writing);
  const url = listUrl(writing);
  const earlier = namesIn(await readWhole(task.sources, url), writing, nameOf);
  await task.sources.remove(url);
  return earlier;
};

/** `text.write`: the part as one file, a line per record; the file appears whole or not at all. */
export const writeLines: Kernel = async ({ arguments: [part], params, functions, task }) => {
  const writing = params as TextWriting;
  const { prefix, suffix } = writing;
  const { index, count } = task;
  const name = nameOfPart(writing, functions[0])?.(index) ?? partNumber(index, count);
  const url = `${prefix}${name}${suffix}`;
  const written = { url, records: 0, bytes: 0 };
  const text = encoded(batchesOf(part), written, { writing, partition: index });
  await task.sources.write(url, packed(text, packingOfName(url)));
  return written;
};

/** `text.write-manifest`: the list of the files beside them, once all are there and those it replaces are not. */
export const writeManifest: Kernel = async ({ arguments: [list, begun], params, task }) => {
  const files = await listOf<WrittenFile>(list).all();
  const earlier = (await listOf<readonly string[]>(begun).all()).flat();
  await replaceList(task.sources, params as TextWriting, { files, earlier });
  return files;
};

function nameOfPart(
  writing: TextWriting,
  name: UserFunction | undefined,
): ((partition: number) => string) | undefined {
  return name && ((partition) => checkedPartName(writing, name, partition));
}

function checkDifferent(
  nameOf: (partition: number) => string,
  { parts, records }: TextWriting & { readonly parts: number },
): void {
  const partitions = new Map<string, number>();
  for (let partition = 0; partition < parts; partition++) {
    const name = nameOf(partition);
    const earlier = partitions.get(name);
    if (earlier !== undefined) {
      const where = `bag.${records === "json" ? "writeJsonLines" : "writeText"}: name`;
      throw badArgument(where, `different names for partitions ${earlier} and ${partition}`, name);
    }
    partitions.set(name, partition);
  }
}

interface LineContext {
  readonly writing: TextWriting;
  readonly partition: number;
}

async function* encoded(
  batches: Batches,
  written: { records: number; bytes: number },
  context: LineContext,
): AsyncGenerator<Uint8Array> {
  const { delimiter, records } = context.writing;
  const textOf = records === "json" ? jsonText : plainText;
  const encode = encoderOf(context.writing.encoding);
  for await (const batch of batches) {
    let text = "";
    for (const [i, record] of batch.entries()) {
      text += textOf(record, written.records + i, context.partition) + delimiter;
    }
    const bytes = encode(text) ?? refuseCharacters(batch, written.records, context);
    written.records += batch.length;
    written.bytes += bytes.length;
    yield bytes;
  }
}

/** UTF-8 has a character in place of what is none, as Node writes it. */
function encoderOf(name: string): TextEncoding["encode"] {
  const encoding = present(textEncoding(name), "an encoding");
  return encoding.name === "utf-8" ? (text) => Buffer.from(text) : (text) => encoding.encode(text);
}

/** The error of a batch in which a record has characters that the encoding lacks. */
function refuseCharacters(
  batch: readonly unknown[],
  before: number,
  { writing, partition }: LineContext,
): never {
  const { records, encoding } = writing;
  const isJson = records === "json";
  const textOf = isJson ? jsonText : plainText;
  const encode = encoderOf(encoding);
  const lacks = (record: unknown): boolean => encode(textOf(record, 0, partition)) === undefined;
  const at = batch.findIndex(lacks);
  throw wrongRecord({
    where: isJson ? "bag.writeJsonLines" : "bag.writeText",
    partition,
    position: before + at,
    record: batch[at],
    expected: `characters that ${encoding} has`,
    fix: 'write in an encoding that has all characters, such as "utf-8"',
  });
}

function plainText(record: unknown, position: number, partition: number): string {
  if (typeof record === "string") return record;
  const fix = "map the records to text before";
  throw wrongRecord({ where: "bag.writeText", partition, position, record, expected: "text", fix });
}

function jsonText(record: unknown, position: number, partition: number): string {
  const text = jsonOf(record);
  if (text !== undefined) return text;
  throw wrongRecord({
    where: "bag.writeJsonLines",
    partition,
    position,
    record,
    expected: "what JSON has (no bigint, undefined or cycle, and not thousands of levels)",
    fix: "map the records to what JSON.stringify takes before",
  });
}

/** `undefined` for what is not to be written as JSON. */
function jsonOf(record: unknown): string | undefined {
  try {
    return JSON.stringify(record) as string | undefined; // It gives none for undefined and functions.
  } catch (error) {
    // A RangeError: it goes by recursion, and a record may be nested deeper than that.
    if (error instanceof TypeError || error instanceof RangeError) return undefined;
    throw error;
  }
}
