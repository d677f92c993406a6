import { present } from "../base/assert.ts";
import { Delimiter } from "./delimiter.ts";
import type { TextChunk } from "./record-cutter.ts";
import { type TextEncoding, textEncoding, utf8 } from "./text-encoding.ts";

/** How a text is cut into records, as plain data. */
export interface TextFormat {
  /** Any name that `TextDecoder` knows. */
  readonly encoding: string;
  /** What ends a record. Left out: `"\n"`, and a `"\r"` before it is no part of the record. */
  readonly delimiter?: string;
}

/** The most characters of a delimiter. */
export const delimiterCharsMax = 1024;

/** A text's encoding and delimiter, ready for use. */
export class TextForm {
  /** The encoding of the file. */
  readonly encoding: TextEncoding;
  /** In the bytes of chunks: those of the file, or UTF-8 made of them where characters cannot be told apart. */
  readonly delimiter: Delimiter;
  readonly #read: TextEncoding;
  readonly #mark: Uint8Array;
  readonly #separator: string;
  readonly #dropsReturns: boolean;

  constructor({ encoding: name, delimiter }: TextFormat) {
    this.encoding = present(textEncoding(name), "the encoding of a text");
    this.#mark = this.encoding.mark;
    this.#read = this.encoding.splits ? this.encoding : utf8;
    this.#separator = delimiter ?? "\n";
    this.#dropsReturns = delimiter === undefined;
    const bytes = present(this.#read.encode(this.#separator), "the bytes of a delimiter");
    this.delimiter = new Delimiter(bytes, this.#read);
  }

  /** The records of a chunk. A last one may lack its end. */
  records(chunk: TextChunk): string[] {
    const text = this.#read.decode(this.#content(chunk));
    if (text === "") return [];
    const records = text.split(this.#separator);
    if (text.endsWith(this.#separator)) records.pop();
    if (this.#dropsReturns && text.includes("\r")) dropReturns(records);
    return records;
  }

  /** Where in the text record `position` of a chunk starts. */
  startOf(chunk: TextChunk, position: number): number {
    let end = 0;
    for (let i = 0; i < position; i++) {
      end = this.delimiter.find(chunk.bytes, end) + this.delimiter.length;
    }
    return chunk.start + end;
  }

  /** A text may begin with a mark of its encoding. */
  #content({ bytes, start }: TextChunk): Uint8Array {
    const mark = this.#mark;
    if (start > 0 || mark.length === 0) return bytes;
    return mark.every((byte, i) => byte === bytes[i]) ? bytes.subarray(mark.length) : bytes;
  }
}

function dropReturns(records: string[]): void {
  for (const [index, record] of records.entries()) {
    if (record.endsWith("\r")) records[index] = record.slice(0, -1);
  }
}
