import type { Kernel } from "../../backend/kernel.ts";
import { LambdaskError } from "../../base/errors.ts";
import { chain } from "../../base/maybe-promise.ts";
import { batchesOf, listOf } from "./bag-apply.ts";
import { ExactSquares, ExactSum, nearestDouble, squareRoot, unitBits } from "./exact-sum.ts";
import { wrongRecord } from "./wrong-record.ts";

/** What sums, means and variances are made of: exact, so that it does not tell how the records were cut into parts. */
interface Sums {
  readonly count: number;
  /** Of what kind the records are; `none`: there are none. */
  readonly kind: "none" | "number" | "bigint";
  /** Partition and position of the first record, for messages. */
  readonly first: readonly [partition: number, record: number];
  /** Of numbers in units of 2^-1074. */
  readonly sum: bigint;
  /** Of the squares, if they were asked for; of numbers in units of 2^-2148. */
  readonly squares: bigint;
  /** The sum of the records that are infinite or NaN, and 0 if there are none. */
  readonly unreal: number;
}

interface SumParams {
  /** What users call the verbs. */
  readonly where: string;
  readonly squares: boolean;
}

const nothing: Sums = {
  count: 0,
  kind: "none",
  first: [0, 0],
  sum: 0n,
  squares: 0n,
  unreal: 0,
};

/** `bag.sum-part`: the sums of the part's records. */
export const sumPart: Kernel = (call) => {
  const sums = new PartSums(call.params as SumParams, call.task.index);
  const added = batchesOf(call.arguments[0]).visit((batch) => sums.add(batch));
  return chain(added, () => sums.result());
};

/** `bag.add-sums`: the sums of several parts as one. */
export const addSums: Kernel = async (call) => {
  let all = nothing;
  for await (const part of listOf<Sums>(call.arguments[0])) {
    all = added(all, part, call.params as SumParams);
  }
  return all;
};

/** `bag.sum`: the sum itself; 0 of nothing. */
export const sumOf: Kernel = (call) => {
  const { kind, sum, unreal } = call.arguments[0] as Sums;
  if (kind === "bigint") return sum;
  return unreal === 0 ? nearestDouble(sum, 1n, -unitBits) : unreal;
};

/** `bag.mean`: the mean; NaN of nothing. */
export const meanOf: Kernel = (call) => {
  const { kind, count, sum, unreal } = call.arguments[0] as Sums;
  if (kind === "none") return Number.NaN;
  return unreal === 0
    ? nearestDouble(sum, BigInt(count), kind === "bigint" ? 0 : -unitBits)
    : unreal;
};

/** `bag.variance`: the variance, or its root; NaN if there are no more than `ddof` records. */
export const varianceOf: Kernel = (call) => {
  const { ddof, root } = call.params as { readonly ddof: number; readonly root: boolean };
  const { kind, count, sum, squares, unreal } = call.arguments[0] as Sums;
  if (count <= ddof || unreal !== 0) return Number.NaN;
  // (n Σx² − (Σx)²) / n(n − ddof): whole numbers, so that nothing is lost where the two terms are close.
  const dividend = BigInt(count) * squares - sum * sum;
  const divisor = BigInt(count) * BigInt(count - ddof);
  const exponent = kind === "bigint" ? 0 : -2 * unitBits;
  return root
    ? squareRoot(dividend, divisor, exponent)
    : nearestDouble(dividend, divisor, exponent);
};

class PartSums {
  readonly #params: SumParams;
  readonly #partition: number;
  readonly #sum = new ExactSum();
  readonly #squares = new ExactSquares();
  #wholeSum = 0n;
  #wholeSquares = 0n;
  #unreal = 0;
  #kind: Sums["kind"] = "none";
  #count = 0;

  constructor(params: SumParams, partition: number) {
    this.#params = params;
    this.#partition = partition;
  }

  add(batch: readonly unknown[]): void {
    for (const record of batch) {
      if (typeof record === "number" && this.#kind !== "bigint") this.#addNumber(record);
      else if (typeof record === "bigint" && this.#kind !== "number") this.#addWhole(record);
      else throw this.#wrong(record);
      this.#count++;
    }
  }

  result(): Sums {
    const isWhole = this.#kind === "bigint";
    return {
      count: this.#count,
      kind: this.#kind,
      first: [this.#partition, 0],
      sum: isWhole ? this.#wholeSum : this.#sum.units(),
      squares: isWhole ? this.#wholeSquares : this.#squares.units(),
      unreal: this.#unreal,
    };
  }

  #addNumber(record: number): void {
    this.#kind = "number";
    if (!Number.isFinite(record)) {
      this.#unreal += record;
      return;
    }
    this.#sum.add(record);
    if (this.#params.squares) this.#squares.add(record);
  }

  #addWhole(record: bigint): void {
    this.#kind = "bigint";
    this.#wholeSum += record;
    if (this.#params.squares) this.#wholeSquares += record * record;
  }

  #wrong(record: unknown): LambdaskError {
    const isMixed = typeof record === "number" || typeof record === "bigint";
    const before = this.#kind === "number" ? "a number" : "a bigint";
    return wrongRecord({
      where: this.#params.where,
      partition: this.#partition,
      position: this.#count,
      record,
      expected: isMixed ? `${before}, as the records before it are` : "a number or a bigint",
      fix: isMixed
        ? "map all records to one of the two before: Number(record) or BigInt(record)"
        : "map the records to numbers before, or filter out those that are none",
    });
  }
}

function added(a: Sums, b: Sums, { where }: SumParams): Sums {
  if (a.kind === "none") return b;
  if (b.kind === "none") return a;
  if (a.kind !== b.kind) throw mixed(where, a, b);
  return {
    count: a.count + b.count,
    kind: a.kind,
    first: a.first,
    sum: a.sum + b.sum,
    squares: a.squares + b.squares,
    unreal: a.unreal + b.unreal,
  };
}

function mixed(where: string, a: Sums, b: Sums): LambdaskError {
  const named = ({ first: [partition, record], kind }: Sums): string =>
    `record ${record} of partition ${partition} is a ${kind}`;
  const [partition, record] = b.first;
  return new LambdaskError("BAD_ARGUMENT", {
    message: `${where}: ${named(a)} and ${named(b)}: numbers and bigints have no sum`,
    fix: "map all records to one of the two before: Number(record) or BigInt(record)",
    data: { where, partition, record },
  });
}
