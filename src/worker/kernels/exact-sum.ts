/** The exact sum of doubles is a whole number of these units: 2 to the minus this, the smallest double. */
export const unitBits = 1074;

/** Numbers up to here are summed as doubles: so many of them that no sum of theirs overflows. */
const plainMax = 2 ** 960;
/** Squares of numbers between these are two doubles exactly. */
const squareMin = 2 ** -480;
const squareMax = 2 ** 480;
/** Cuts a double into two halves of 26 bits: Dekker's constant. */
const splitter = 2 ** 27 + 1;

/**
 * The exact sum of doubles: of any numbers, in any order and cut into any parts, it is the same. Three doubles hold it
 * while its bits fit, each the rounding error of the one before (Knuth's two-sum); what fits into none of them goes to a
 * whole number without limits.
 */
export class ExactSum {
  #high = 0;
  #middle = 0;
  #low = 0;
  #rest = 0n;

  /** Adds a finite number. */
  add(value: number): void {
    if (value > plainMax || value < -plainMax) {
      this.#rest += unitsOf(value);
      return;
    }
    const high = this.#high + value;
    let part = high - this.#high;
    let error = this.#high - (high - part) + (value - part);
    this.#high = high;
    if (error === 0) return;
    const middle = this.#middle + error;
    part = middle - this.#middle;
    error = this.#middle - (middle - part) + (error - part);
    this.#middle = middle;
    if (error === 0) return;
    const low = this.#low + error;
    part = low - this.#low;
    error = this.#low - (low - part) + (error - part);
    this.#low = low;
    if (error !== 0) this.#rest += unitsOf(error);
  }

  /** In units of 2^-1074. */
  units(): bigint {
    return this.#rest + unitsOf(this.#high) + unitsOf(this.#middle) + unitsOf(this.#low);
  }
}

/** The exact sum of the squares of doubles. */
export class ExactSquares {
  readonly #sum = new ExactSum();
  #rest = 0n;

  /** Adds the square of a finite number. */
  add(value: number): void {
    const size = Math.abs(value);
    if (size > squareMax || size < squareMin) {
      if (value !== 0) this.#rest += unitsOf(value) ** 2n;
      return;
    }
    const square = value * value;
    const cut = splitter * value;
    const upper = cut - (cut - value);
    const lower = value - upper;
    const error = upper * upper - square + 2 * upper * lower + lower * lower;
    this.#sum.add(square);
    if (error !== 0) this.#sum.add(error);
  }

  /** In units of 2^-2148. */
  units(): bigint {
    return this.#rest + (this.#sum.units() << BigInt(unitBits));
  }
}

const bits = new DataView(new ArrayBuffer(8));

/** A finite double in units of 2^-1074. */
export function unitsOf(value: number): bigint {
  bits.setFloat64(0, value);
  const head = bits.getUint32(0);
  const exponent = (head >>> 20) & 0x7ff;
  const fraction = (BigInt(head & 0xfffff) << 32n) | BigInt(bits.getUint32(4));
  const size = exponent === 0 ? fraction : (fraction | (1n << 52n)) << BigInt(exponent - 1);
  return value < 0 ? -size : size;
}

/** More bits than a double has and than rounding needs. */
const quotientBits = 66;

interface Quotient {
  readonly bits: bigint;
  /** Something was left over. */
  readonly isMore: boolean;
  readonly exponent: number;
}

/** `dividend / divisor × 2^exponent`, of a positive dividend, as at least 65 bits. An even exponent stays even. */
function divide(dividend: bigint, divisor: bigint, exponent: number): Quotient {
  const missing = Math.max(0, quotientBits - bitLength(dividend) + bitLength(divisor));
  const shift = missing + (missing % 2);
  const shifted = dividend << BigInt(shift);
  const isMore = shifted % divisor !== 0n;
  return { bits: shifted / divisor, isMore, exponent: exponent - shift };
}

/** The double nearest to `dividend / divisor × 2^exponent`, of two as near the even one. Above all doubles: Infinity. */
export function nearestDouble(dividend: bigint, divisor: bigint, exponent: number): number {
  if (dividend === 0n) return 0;
  if (dividend < 0n) return -nearestDouble(-dividend, divisor, exponent);
  const quotient = divide(dividend, divisor, exponent);
  const drop = Math.max(bitLength(quotient.bits) - 53, -unitBits - quotient.exponent);
  const kept = quotient.bits >> BigInt(drop);
  const dropped = quotient.bits - (kept << BigInt(drop));
  const half = 1n << BigInt(drop - 1);
  const isTie = dropped === half && !quotient.isMore;
  const isUp = isTie ? kept % 2n === 1n : dropped >= half;
  return Number(isUp ? kept + 1n : kept) * 2 ** (quotient.exponent + drop);
}

/** A double within one unit in the last place of the root of `dividend / divisor × 2^exponent`; `exponent` is even. */
export function squareRoot(dividend: bigint, divisor: bigint, exponent: number): number {
  if (dividend === 0n) return 0;
  const quotient = divide(dividend, divisor, exponent);
  // So that a double can hold it.
  const over = Math.max(0, bitLength(quotient.bits) - 1000);
  const drop = over + (over % 2);
  const power = (quotient.exponent + drop) / 2;
  const first = Math.trunc(power / 2);
  // In two steps: the power alone may be below all doubles.
  return Math.sqrt(Number(quotient.bits >> BigInt(drop))) * 2 ** first * 2 ** (power - first);
}

function bitLength(value: bigint): number {
  const text = value.toString(16);
  return text.length * 4 - Math.clz32(Number.parseInt(text.charAt(0), 16)) + 28;
}
