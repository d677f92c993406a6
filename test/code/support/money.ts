/** Has a private field. */
export class Money {
  readonly #cents: number;
  constructor(cents: number) {
    this.#cents = cents;
  }
  value(): number {
    return this.#cents;
  }
}

/** Has a private method and no field. */
export class Sealed {
  #inner(): number {
    return 1;
  }
  outer(): number {
    return this.#inner();
  }
}
