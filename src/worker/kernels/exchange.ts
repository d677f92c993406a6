import type { Kernel, KernelCall } from "../../backend/kernel.ts";
import { assert } from "../../base/assert.ts";
import type { InputList } from "../../chunk/input-list.ts";
import { type EncodedPiece, Partitioned } from "../../chunk/partitioned.ts";
import { listOf } from "./bag-apply.ts";

/** Kernels of two-stage exchanges. */
export const exchangeKernels: Readonly<Record<string, Kernel>> = {
  "exchange.coarsen": coarsen,
  "exchange.regroup": regroup,
  "exchange.open": open,
};

/** Packs every `fine` pieces of an exchange into one. */
function coarsen({ arguments: [pieces], params }: KernelCall): Partitioned {
  const { coarse, fine } = params as { coarse: number; fine: number };
  assert(pieces instanceof Partitioned, "only an exchange has pieces to pack");
  return new Partitioned(coarse, packed(pieces.pieces, coarse, fine));
}

async function* packed(
  pieces: Partitioned["pieces"],
  coarse: number,
  fine: number,
): AsyncGenerator<Partitioned> {
  const source = inTurn(pieces);
  try {
    for (let pack = 0; pack < coarse; pack++) yield new Partitioned(fine, next(source, fine));
  } finally {
    await source.return(undefined);
  }
}

async function* inTurn(pieces: Partitioned["pieces"]): AsyncGenerator<unknown, undefined> {
  yield* pieces;
}

/** The next `count` pieces of `source`, which stays open; empty ones when it has ended. */
async function* next(
  source: AsyncGenerator<unknown, undefined>,
  count: number,
): AsyncGenerator<unknown> {
  for (let i = 0; i < count; i++) yield (await source.next()).value;
}

/**
 * What a group of producers packed for one coarse part, laid out by piece: per piece, what each producer wrote. Bytes
 * are handed on as they were read.
 */
async function regroup({ arguments: [input], params, task }: KernelCall): Promise<Partitioned> {
  const { fine } = params as { fine: number };
  const rows: (EncodedPiece | undefined)[][] = Array.from({ length: fine }, () => []);
  const bytes = rows.map(() => 0);
  for await (const pack of listOf<Partitioned>(input)) {
    let at = 0;
    for (const piece of pack.encoded ?? []) {
      rows[at]?.push(piece);
      bytes[at] = (bytes[at] ?? 0) + (piece?.bytes.length ?? 0);
      at++;
    }
  }
  task.report(bytes);
  return new Partitioned(
    fine,
    rows.map((row) => new Partitioned(row.length, row)),
  );
}

/** The pieces of one part as a direct exchange gives them: one per producer, in order of producer. */
function open({ arguments: [input], params }: KernelCall): InputList {
  const { producers } = params as { producers: number };
  return new OpenedPieces(listOf<Partitioned>(input), producers);
}

/** Decodes pieces one by one out of what combiners wrote. */
class OpenedPieces implements InputList {
  readonly length: number;
  /** Of each combiner, the pieces of its group of producers. */
  readonly #packs: InputList<Partitioned>;

  constructor(packs: InputList<Partitioned>, producers: number) {
    this.#packs = packs;
    this.length = producers;
  }

  get bytes(): number | undefined {
    return this.#packs.bytes;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<unknown> {
    for await (const pack of this.#packs) yield* pack.pieces;
  }

  async all(): Promise<unknown[]> {
    const pieces: unknown[] = [];
    for await (const piece of this) pieces.push(piece);
    return pieces;
  }
}
