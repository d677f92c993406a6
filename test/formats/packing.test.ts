import { buffer } from "node:stream/consumers";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  isPackingProblem,
  type Packing,
  packed,
  packingOfName,
  unpacked,
} from "../../src/formats/packing.ts";

async function* pieces(bytes: Uint8Array, pieceBytes = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  return (await buffer(bytes)).toString();
}

test("names say how a file is packed, addresses on the web by their path", () => {
  const names = {
    "file:///a.txt": "none",
    "file:///a.txt.gz": "gzip",
    "s3://b/a.jsonl.zst": "zstd",
    "s3://b/a.gz?x": "none",
    "file:///A.TXT.GZ": "gzip",
    "file:///A.ZST": "zstd",
    "file:///zip": "none",
    "https://h/a.txt?from=b.zip": "none",
    "https://h/a.gz?token=1.zst#b": "gzip",
  };
  for (const [name, packing] of Object.entries(names)) expect(packingOfName(name)).toBe(packing);
});

test.each(["a.txt.bz2", "a.csv.XZ", "logs.tar.gz", "logs.tgz", "a.zip", "a.txt.br"])(
  "%s is refused by its name, not read as the text that it is not",
  (name) => {
    expect(() => packingOfName(`file:///${name}`)).toThrow(
      expect.objectContaining({
        code: "BAD_ARGUMENT",
        message: expect.stringContaining(name) as unknown,
        fix: expect.stringContaining('"none"') as unknown,
      }) as Error,
    );
  },
);

test.each<Packing>(["none", "gzip", "zstd"])("%s: what is packed is unpacked", async (packing) => {
  const text = "to be or not to be\n".repeat(50_000);
  const bytes = await buffer(packed(pieces(Buffer.from(text)), packing));
  expect(bytes.length < text.length).toBe(packing !== "none");
  expect(await textOf(unpacked(pieces(bytes), packing))).toBe(text);
});

describe("gzip", () => {
  const zeros = (count: number): Buffer => Buffer.alloc(count);
  const parts = ["a\nb", "", "x".repeat(300_000), "to be or not to be\n".repeat(5000), "end\n"];
  const members = parts.map((part) => gzipSync(part));

  test.each([1, 2, 3, 7, 18, 1000, 1_000_000])(
    "members one after another are one file, with zeros between and behind them, in pieces of %i bytes",
    async (pieceBytes) => {
      for (const gaps of [[0], [1], [512], [0, 3000, 1]]) {
        const padded = members.flatMap((member, i) => [member, zeros(gaps[i % gaps.length] ?? 0)]);
        const text = await textOf(unpacked(pieces(Buffer.concat(padded), pieceBytes), "gzip"));
        expect(text === parts.join(""), `zeros: ${gaps.join(", ")}`).toBe(true);
      }
    },
  );

  test("that is cut, damaged, none, or followed by something else is a problem of packing", async () => {
    const [first = Buffer.alloc(0), , large = first] = members;
    const plain = Buffer.from("plain text\n");
    const wrong = [
      Buffer.alloc(0),
      zeros(100),
      first.subarray(0, -1),
      Buffer.concat([first, large.subarray(0, 10)]),
      Buffer.concat([first, zeros(5), large.subarray(0, 10)]),
      Buffer.concat([first, zeros(5), plain]),
      Buffer.concat([first, plain]),
      plain,
    ];
    for (const bytes of wrong) {
      for (const pieceBytes of [1, 3, 1000]) {
        const text = textOf(unpacked(pieces(bytes, pieceBytes), "gzip"));
        const error = await text.catch((thrown: unknown) => thrown);
        expect(isPackingProblem(error), String(error)).toBe(true);
      }
    }
  });

  test("is read no further than somebody wants, and then let go", async () => {
    let open = 0;
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      open += 1;
      try {
        for (;;) {
          given += 1;
          yield members[3] ?? zeros(0);
        }
      } finally {
        open -= 1;
      }
    }
    for await (const bytes of unpacked(endless(), "gzip")) if (bytes.length > 0) break;
    expect(open).toBe(0);
    expect(given).toBeLessThan(1000);
  });

  test("an error of what is read is given on", async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield (members[2] ?? zeros(0)).subarray(0, 50);
      throw new Error("disk");
    }
    await expect(textOf(unpacked(failing(), "gzip"))).rejects.toThrow("disk");
  });
});

describe("zstd", () => {
  /** To be skipped by who unpacks it. */
  const skipped = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5]);
  const random = Buffer.from(
    Array.from({ length: 5000 }, (_, i) => Math.imul(i, 2654435761) >>> 24),
  );
  const parts = ["a\nb", "", "x".repeat(300_000), random.toString("base64"), "end\n"];
  const frames = parts.map(
    (part, i) => zstdCompressSync(part, i % 2 === 0 ? {} : { params: { 201: 1 } }), // A checksum behind the frame.
  );

  test.each([1, 2, 3, 7, 18, 1000, 1_000_000])(
    "frames one after another are one file, in pieces of %i bytes",
    async (pieceBytes) => {
      const bytes = Buffer.concat([skipped, ...frames.flatMap((frame) => [frame, skipped])]);
      expect(await textOf(unpacked(pieces(bytes, pieceBytes), "zstd"))).toBe(parts.join(""));
    },
  );

  test("that is cut, damaged, none, or followed by something else is a problem of packing", async () => {
    const [first = Buffer.alloc(0), , large = first] = frames;
    const wrong = [
      first.subarray(0, -1),
      Buffer.concat([first, large.subarray(0, 10)]),
      Buffer.from("plain text\n"),
      Buffer.concat([first, Buffer.from("plain text\n")]),
    ];
    for (const bytes of wrong) {
      const error = await textOf(unpacked(pieces(bytes), "zstd")).catch(
        (thrown: unknown) => thrown,
      );
      expect(isPackingProblem(error), String(error)).toBe(true);
    }
  });

  test("gzip that is cut is a problem of packing, another error is none", async () => {
    const cut = textOf(unpacked(pieces(gzipSync("hello").subarray(0, 10)), "gzip"));
    expect(isPackingProblem(await cut.catch((thrown: unknown) => thrown))).toBe(true);
    expect(isPackingProblem(new Error("disk"))).toBe(false);
  });
});
