/** One benchmark: one name, one number, one limit. */
export interface Benchmark {
  readonly name: string;
  /** What is measured, and what is not. */
  readonly describe: string;
  readonly unit: string;
  /** The limit; one of the two. */
  readonly atMost?: number;
  readonly atLeast?: number;
  run(): Promise<number>;
}
