/** Any function of a case: what it takes and gives is checked by running it. */
export type CaseFunction = (...args: never[]) => unknown;

/** One kind of function, and what capturing it must do. */
export interface MatrixCase {
  readonly name: string;
  /** Makes the function; what it captures is set up here. */
  readonly make: () => CaseFunction | Promise<CaseFunction>;
  readonly args: readonly unknown[];
  /** The refusal's message must match; absent if the function must run in a worker as it does here. */
  readonly refused?: RegExp;
  /** The function is a generator: its items are compared. */
  readonly collect?: boolean;
}

/** A group of cases under construction. */
export class CaseList {
  readonly cases: MatrixCase[] = [];

  /** A function that must give in a worker what it gives here. */
  works(name: string, make: MatrixCase["make"], args: readonly unknown[] = []): void {
    this.cases.push({ name, make, args });
  }

  /** A generator function, whose items must be the same. */
  yields(name: string, make: MatrixCase["make"], args: readonly unknown[]): void {
    this.cases.push({ name, make, args, collect: true });
  }

  /** A function that no worker could run as it runs here. */
  refused(name: string, make: MatrixCase["make"], refused: RegExp): void {
    this.cases.push({ name, make, args: [], refused });
  }
}
