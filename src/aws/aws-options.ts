import type { Deployment } from "./deployment.ts";

/** Which stack runs the work. What is left out comes from the settings, and then as for any AWS tool. */
export interface AwsOptions {
  /** Name of the deployed stack; `"Lambdask"` by default. */
  readonly stack?: string;
  readonly region?: string;
  /** Of an emulator: `AWS_ENDPOINT_URL` by default. */
  readonly endpoint?: string;
  /** Functions running at once: what is reserved for the function by default, else 250. */
  readonly concurrency?: number;
  /** Folder for the journals of runs on this machine; `LAMBDASK_STORE` or `.lambdask` by default. */
  readonly store?: string;
  /** Facts of a deployment that are known otherwise; then no stack is looked up. */
  readonly deployment?: Deployment;
}

/** The options with the settings where they say nothing. */
export interface FoundOptions {
  readonly stack: string;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  readonly concurrency: number | undefined;
  readonly store: string;
  readonly deployment: Deployment | undefined;
}
