import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { isForLambda, LambdaEmulator } from "./lambda-server.ts";
import { RequestLog } from "./request-log.ts";
import { S3Emulator } from "./s3-server.ts";

/** S3 and Lambda behind one endpoint, as the SDK's one variable names it. */
export interface RunningAws extends AsyncDisposable {
  readonly endpoint: string;
  readonly s3: S3Emulator;
  readonly lambda: LambdaEmulator;
  /** Requests to both, those of functions included. */
  readonly log: RequestLog;
}

/** Starts both on this machine's own address. */
export async function startAws(): Promise<RunningAws> {
  const log = new RequestLog();
  const s3 = new S3Emulator({ log });
  const lambda = new LambdaEmulator(log);
  const server = createServer((request, response) => {
    void (isForLambda(request) ? lambda : s3).handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    s3,
    lambda,
    log,
    [Symbol.asyncDispose]: async () => {
      await lambda.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
