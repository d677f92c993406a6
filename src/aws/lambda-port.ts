/** How a function answered. */
export interface FunctionReply {
  /** JSON: the function's result, or what went wrong with it. */
  readonly payload: Uint8Array;
  /** True if the function failed: it threw, ended, ran out of time or memory, or did not start. */
  readonly failed: boolean;
}

/** The part of Lambda that is used: one synchronous call, tried once. */
export interface LambdaPort {
  /** Rejects with the error of the service or of the connection. */
  invoke(functionName: string, payload: string, signal: AbortSignal): Promise<FunctionReply>;
  /** Closes the connections. */
  close(): void;
}
