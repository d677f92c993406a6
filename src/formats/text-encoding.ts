import { TextDecoder } from "node:util";

/** How the bytes of a text become characters. */
export interface TextEncoding {
  /** As `TextDecoder` calls it. */
  readonly name: string;
  /** Bytes of its smallest character: characters start at multiples. */
  readonly unit: 1 | 2;
  /** What a text may begin with and is no part of it. */
  readonly mark: Uint8Array;
  /** Whether characters can be told apart from the middle of a text on, so that it can be read in blocks. */
  readonly splits: boolean;
  /** What bytes that are whole characters say; those that are none become U+FFFD. */
  decode(bytes: Uint8Array): string;
  /** The bytes of a text; `undefined` if the encoding lacks one of its characters, or if it can only be read. */
  encode(text: string): Uint8Array | undefined;
}

/** Node's own names where `TextDecoder` has others. */
const nodeNames: Readonly<Record<string, string>> = { utf16le: "utf-16le", ucs2: "utf-16le" };

/** A byte of these may be a part of several characters: where one starts is known only from the text's start on. */
const multibyte = new Set([
  "big5",
  "euc-jp",
  "euc-kr",
  "gb18030",
  "gbk",
  "iso-2022-jp",
  "shift_jis",
]);

/** The encoding that `TextDecoder` knows by this name; `undefined` if there is none. */
export function textEncoding(label: string): TextEncoding | undefined {
  const decoder = decoderOf(nodeNames[label.toLowerCase()] ?? label);
  if (decoder === undefined) return undefined;
  const name = decoder.encoding;
  if (name === "utf-8") return utf8;
  if (name === "utf-16le" || name === "utf-16be") return utf16(name, decoder);
  return {
    name,
    unit: 1,
    mark: new Uint8Array(0),
    splits: !multibyte.has(name),
    decode: (bytes) => decoder.decode(bytes),
    encode: multibyte.has(name) ? () => undefined : byTable(decoder),
  };
}

/** The encoding of most texts. */
export const utf8: TextEncoding = {
  name: "utf-8",
  unit: 1,
  mark: Uint8Array.of(0xef, 0xbb, 0xbf),
  splits: true,
  // Faster than a decoder, and the same.
  decode: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"),
  encode: (text) => (text.isWellFormed() ? Buffer.from(text) : undefined),
};

function utf16(name: "utf-16le" | "utf-16be", decoder: TextDecoder): TextEncoding {
  const isLittle = name === "utf-16le";
  return {
    name,
    unit: 2,
    mark: isLittle ? Uint8Array.of(0xff, 0xfe) : Uint8Array.of(0xfe, 0xff),
    splits: true,
    decode: (bytes) => decoder.decode(bytes),
    encode: (text) => {
      if (!text.isWellFormed()) return undefined;
      const bytes = Buffer.from(text, "utf16le");
      return isLittle ? bytes : bytes.swap16();
    },
  };
}

function decoderOf(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label, { ignoreBOM: true });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** In an encoding of single bytes, by what each byte stands for. */
function byTable(decoder: TextDecoder): TextEncoding["encode"] {
  const bytesOf = new Map<number, number>();
  return (text) => {
    if (bytesOf.size === 0) fillTable(bytesOf, decoder);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) {
      const byte = bytesOf.get(text.charCodeAt(i));
      if (byte === undefined) return undefined;
      bytes[i] = byte;
    }
    return bytes;
  };
}

function fillTable(bytesOf: Map<number, number>, decoder: TextDecoder): void {
  for (let byte = 255; byte >= 0; byte--) {
    bytesOf.set(decoder.decode(Uint8Array.of(byte)).charCodeAt(0), byte);
  }
  bytesOf.delete(0xfffd); // What no character is.
}

/** `pieces` in any encoding as UTF-8. */
export async function* toUtf8(
  pieces: AsyncIterable<Uint8Array>,
  { name }: TextEncoding,
): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(name, { ignoreBOM: true });
  for await (const piece of pieces) {
    const text = decoder.decode(piece, { stream: true });
    if (text !== "") yield Buffer.from(text);
  }
  const rest = decoder.decode();
  if (rest !== "") yield Buffer.from(rest);
}
