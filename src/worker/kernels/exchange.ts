import type { Kernel, KernelCall } from "../../backend/kernel.ts";
import { assert } from "../../base/assert.ts";
import { Batches } from "../../chunk/batches.ts";
import { decodeChunk, encodeChunk } from "../../chunk/codec.ts";
import type { InputList } from "../../chunk/input-list.ts";
import { Partitioned } from "../../chunk/partitioned.ts";
import { listOf } from "./bag-apply.ts";

/** One piece as its producer encoded it; `undefined` if it is empty. */
type EncodedPiece = Uint8Array | undefined;

/** Kernels of two-stage exchanges. */
export const exchangeKernels: Readonly<Record<string, Kernel>> = {
  "exchange.coarsen": coarsen,
  "exchange.regroup": regroup,
  "exchange.open": open,
};

/** Packs every `fine` pieces of an exchange, encoded, into one. */
function coarsen({ arguments: [pieces], params }: KernelCall): Partitioned {
  const { coarse, fine } = params as { coarse: number; fine: number };
  assert(pieces instanceof Partitioned, "only an exchange has pieces to pack");
  return new Partitioned(coarse, packed(pieces, coarse, fine));
}

async function* packed(
  { pieces }: Partitioned,
  coarse: number,
  fine: number,
): AsyncIterable<readonly EncodedPiece[] | undefined> {
  let held: EncodedPiece[] = [];
  let given = 0;
  for await (const piece of pieces) {
    held.push(await encodedPiece(piece));
    if (held.length < fine) continue;
    yield held;
    given++;
    held = [];
  }
  if (held.length > 0) {
    yield held;
    given++;
  }
  for (; given < coarse; given++) yield undefined;
}

async function encodedPiece(piece: unknown): Promise<EncodedPiece> {
  if (piece === undefined) return undefined;
  const encoded = await encodeChunk(piece, { wholeBytesMax: Number.POSITIVE_INFINITY });
  if (encoded.kind === "whole") {
    return piece instanceof Batches && encoded.summary.rows === 0 ? undefined : encoded.bytes;
  }
  const frames: Uint8Array[] = [];
  for await (const frame of encoded.frames) frames.push(frame);
  return Buffer.concat(frames);
}

/** What a group of producers packed for one coarse part, laid out by piece: per piece, what each producer wrote. */
async function regroup({ arguments: [input], params, task }: KernelCall): Promise<Partitioned> {
  const { fine } = params as { fine: number };
  const rows: EncodedPiece[][] = Array.from({ length: fine }, () => []);
  const bytes = rows.map(() => 0);
  for await (const packs of listOf<readonly EncodedPiece[] | undefined>(input)) {
    for (let piece = 0; piece < fine; piece++) {
      const encoded = packs?.[piece];
      rows[piece]?.push(encoded);
      bytes[piece] = (bytes[piece] ?? 0) + (encoded?.length ?? 0);
    }
  }
  task.report(bytes);
  return new Partitioned(fine, rows);
}

/** The pieces of one part as a direct exchange gives them: one per producer, in order of producer. */
function open({ arguments: [input], params }: KernelCall): InputList {
  const { producers } = params as { producers: number };
  return new OpenedPieces(listOf<readonly EncodedPiece[]>(input), producers);
}

/** Decodes pieces one by one out of what combiners wrote. */
class OpenedPieces implements InputList {
  readonly length: number;
  /** Of each combiner, the pieces of its group of producers. */
  readonly #packs: InputList<readonly EncodedPiece[]>;

  constructor(packs: InputList<readonly EncodedPiece[]>, producers: number) {
    this.#packs = packs;
    this.length = producers;
  }

  get bytes(): number | undefined {
    return this.#packs.bytes;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<unknown> {
    for await (const pack of this.#packs) {
      for (const piece of pack) yield piece === undefined ? undefined : decodeChunk(piece);
    }
  }

  async all(): Promise<unknown[]> {
    const pieces: unknown[] = [];
    for await (const piece of this) pieces.push(piece);
    return pieces;
  }
}
