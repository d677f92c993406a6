import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { Clock } from "../backend/clock.ts";
import type { ObjectBucket } from "../backend/object-bucket.ts";
import { badArgument } from "../base/errors.ts";
import { Pacer } from "./pacer.ts";
import { S3Bucket } from "./s3-bucket.ts";
import { s3Trouble } from "./s3-errors.ts";
import { waitingClock } from "./waiting-clock.ts";

/** One request as it is sent: each try is one. */
interface S3Request {
  /** As permissions name it: `PutObject`. */
  readonly operation: string;
  readonly bucket: string;
  /** `""` for requests about the bucket. */
  readonly key: string;
}

/** Where the buckets are, and who wants to know of requests. What is left out comes from the environment. */
export interface S3Options {
  readonly region?: string;
  readonly endpoint?: string;
  readonly onRequest?: (request: S3Request) => void;
  /** Requests in flight at once, at most. */
  readonly requestsMax?: number;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** Connections to S3 that several buckets share. */
export interface S3Connection {
  bucket(name: string): ObjectBucket;
  close(): void;
}

const connectMsMax = 5_000;
/** A connection on which nothing moves for so long is given up. */
const silenceMsMax = 20_000;
const requestsMax = 64;

/** Opens a connection; nothing is sent before the first call of a bucket. */
export function connectS3(options: S3Options = {}): S3Connection {
  const callsMax = options.requestsMax ?? requestsMax;
  const client = new S3Client({ ...s3Address(options), ...behaviour(callsMax) });
  if (options.onRequest !== undefined) tell(client, options.onRequest);
  const pacer = new Pacer({
    clock: options.clock ?? waitingClock,
    random: options.random ?? Math.random,
    troubleOf: s3Trouble,
    callsMax,
  });
  return {
    bucket: (name) => new S3Bucket(name, { client, pacer }),
    close: () => client.destroy(),
  };
}

/** One try per request, since the pacer tries again; time limits, since the client's own default is none. */
function behaviour(callsMax: number): S3ClientConfig {
  const agent = { keepAlive: true, maxSockets: callsMax };
  return {
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: connectMsMax,
      socketTimeout: silenceMsMax,
      httpAgent: agent,
      httpsAgent: agent,
    }),
    // What is written is checked by the server; what is read is checked by the chunk's own checksums, part by part.
    requestChecksumCalculation: "WHEN_SUPPORTED",
    responseChecksumValidation: "WHEN_REQUIRED",
  };
}

/** Where requests go. An endpoint of one's own has no host name per bucket. */
export function s3Address({
  region,
  endpoint,
}: Pick<S3Options, "region" | "endpoint">): S3ClientConfig {
  const own = endpoint ?? endpointOfEnvironment();
  return {
    ...(region === undefined ? {} : { region }),
    ...(own === undefined || own === "" ? {} : { endpoint: own, forcePathStyle: true }),
  };
}

/** The SDK says of a wrong one only that there is a wrong URL somewhere. */
function endpointOfEnvironment(): string | undefined {
  for (const name of ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]) {
    const text = process.env[name];
    if (text === undefined) continue;
    const isAddress = text === "" || /^https?:$/.test(URL.parse(text)?.protocol ?? "");
    if (!isAddress) throw badArgument(name, 'a URL such as "http://localhost:4566"', text);
    return text;
  }
  return undefined;
}

function tell(client: S3Client, onRequest: (request: S3Request) => void): void {
  client.middlewareStack.add(
    (next, context) => (args) => {
      const { Bucket, Key } = args.input as { readonly Bucket?: string; readonly Key?: string };
      const operation = String(context.commandName).replace(/Command$/, "");
      onRequest({ operation, bucket: Bucket ?? "", key: Key ?? "" });
      return next(args);
    },
    { step: "initialize", name: "tell" },
  );
}
