/** What a worker process is told when it starts, as JSON in its first argument. */
export interface WorkerConfig {
  readonly storeRoot: string;
  /** The worker ends itself when this process is not its parent any more. */
  readonly clientPid: number;
  /** The worker ends itself when it uses more. */
  readonly memoryBytes: number;
  readonly reservedMemoryBytes: number;
  readonly cacheBytes: number;
  /** The variable NODE_COMPILE_CACHE is ours and not for the user's own child processes. */
  readonly ownCompileCache: boolean;
}

/** The pipe for messages between client and worker. */
export const messagesFd = 3;
/** The pipe on which the watchdog says why it ends the worker. */
export const lastWordsFd = 4;
