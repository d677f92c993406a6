import http from "node:http";
import https from "node:https";
import { InvokeCommand, LambdaClient, type LambdaClientConfig } from "@aws-sdk/client-lambda";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { LambdaPort } from "./lambda-port.ts";

/** What the adapter needs to know. */
export interface LambdaSdkOptions {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: LambdaClientConfig["credentials"];
}

const connectionTimeoutMs = 10_000;
/** Whoever calls bounds the calls at once; the SDK's own limit of 50 would make them wait unseen. */
const maxSockets = 10_000;

/** Lambda through the SDK. It tries each call once: after a lost reply nobody but the scheduler knows what to do. */
export function lambdaSdk(options: LambdaSdkOptions): LambdaPort {
  const { region, endpoint, credentials } = options;
  const agent = { keepAlive: true, maxSockets };
  const client = new LambdaClient({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    maxAttempts: 1,
    // Every call goes the same way through the SDK: that way is put together once.
    cacheMiddleware: true,
    requestHandler: new NodeHttpHandler({
      httpAgent: new http.Agent(agent),
      httpsAgent: new https.Agent(agent),
      connectionTimeout: connectionTimeoutMs,
      // The caller's signal ends a call that takes too long: it knows the task's deadline.
      requestTimeout: 0,
    }),
  });
  return {
    invoke: async (functionName, payload, signal) => {
      const command = new InvokeCommand({ FunctionName: functionName, Payload: payload });
      const reply = await client.send(command, { abortSignal: signal });
      return {
        payload: reply.Payload ?? new Uint8Array(),
        failed: reply.FunctionError !== undefined,
      };
    },
    close: () => client.destroy(),
  };
}
