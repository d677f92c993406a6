/** Places of the first array. */
const placesMin = 1024;
/** An array of so many places is always worth it. */
const placesFree = 65_536;
/** Beyond that, places per number that was added. */
const placesPerNumber = 8;

/**
 * Numbers that are keys, and what stands for each: 0, 1, 2 … Whole numbers that are not far apart, as ids are, lie in an
 * array by themselves; all others in the language's own table, which compares them as keys are: NaN equals itself, and
 * -0 equals 0.
 */
export class NumberTable {
  /** By a key from 0 on, what stands for it + 1; 0: nothing. */
  #places = new Int32Array(placesMin);
  /** What has no place. The array grows only while there is nothing. */
  readonly #others = new Map<number, number>();
  #size = 0;

  /** What stands for `key`, -1 if it is not there. */
  find(key: number): number {
    const whole = key | 0;
    if (whole === key && whole >= 0 && whole < this.#places.length) {
      return (this.#places[whole] ?? 0) - 1;
    }
    return this.#others.get(key) ?? -1;
  }

  /** `number` stands for `key` from now on, which is not there yet. */
  add(key: number, number: number): void {
    this.#size++;
    if (this.#hasPlace(key)) this.#places[key | 0] = number + 1;
    else this.#others.set(key, number);
  }

  #hasPlace(key: number): boolean {
    if ((key | 0) !== key || key < 0) return false;
    const { length } = this.#places;
    if (key < length) return true;
    if (this.#others.size > 0 || key >= Math.max(placesFree, placesPerNumber * this.#size)) {
      return false;
    }
    const places = new Int32Array(2 ** Math.ceil(Math.log2(key + 1)));
    places.set(this.#places);
    this.#places = places;
    return true;
  }
}
