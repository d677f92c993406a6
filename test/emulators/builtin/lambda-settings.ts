/** What a function is deployed with. */
export interface FunctionSettings {
  readonly name: string;
  /** Where its code lies. */
  readonly folder: string;
  /** `file.export`. */
  readonly handler: string;
  readonly memoryMb: number;
  readonly timeoutS: number;
  /** Environments at once; beyond it calls are throttled. */
  readonly reservedConcurrency?: number;
  readonly variables?: Readonly<Record<string, string>>;
}

/** The function's ARN. */
export function functionArn(name: string): string {
  return `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
}

/** What came of running a function once: JSON of its result, or of what went wrong with it. */
export interface FunctionResult {
  readonly payload: string;
  readonly failed: boolean;
  /** What was printed meanwhile. */
  readonly logs: string;
}

/** What Lambda says of a function that failed without answering. */
export function functionError(errorType: string, errorMessage: string): string {
  return JSON.stringify({ errorType, errorMessage });
}
