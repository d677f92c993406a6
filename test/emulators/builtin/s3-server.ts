import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Fault, FaultPlan } from "./faults.ts";
import { callerOf, RequestLog, type SeenRequest } from "./request-log.ts";
import { header, readBody } from "./s3-body.ts";
import { type Buckets, handlers, operationOf, type S3Answer, type S3Call } from "./s3-calls.ts";
import { refusals, S3Error } from "./s3-error.ts";
import { BucketObjects } from "./s3-objects.ts";
import { xmlOf } from "./s3-xml.ts";

/** What a server begins with. */
export interface S3ServerOptions {
  readonly buckets?: readonly string[];
  readonly log?: RequestLog;
  /** Consulted for each request before it is carried out. */
  readonly faults?: FaultPlan;
}

/** A small S3 in this process: path-style, in memory. Signatures must be there but are not checked. */
export class S3Emulator {
  readonly log: RequestLog;
  /** May be set anew at any time. */
  faults: FaultPlan;
  readonly #buckets: Buckets = new Map();
  #answers = 0;

  constructor({
    buckets = [],
    log = new RequestLog(),
    faults = () => undefined,
  }: S3ServerOptions = {}) {
    this.log = log;
    this.faults = faults;
    for (const name of buckets) this.createBucket(name);
  }

  createBucket(name: string): void {
    this.#buckets.set(name, new BucketObjects());
  }

  /** What lies in a bucket, for tests to look at and to damage. */
  bucket(name: string): BucketObjects {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw new Error(`no bucket ${name}`);
    return bucket;
  }

  /** Answers one HTTP request. */
  readonly handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = callOf(request);
    const seen = seenOf(call);
    const fault = this.faults(seen);
    const finish = (answer: S3Answer): void => this.#send(response, { seen, answer, fault });
    if (fault?.kind === "reset") return this.#cut(response, seen);
    try {
      const body = await readBody(request);
      if (fault?.kind === "hold") await fault.until;
      if (fault?.kind === "refuse") throw new S3Error(fault.status, fault.code);
      if (header(request, "authorization")?.startsWith("AWS4-HMAC-SHA256 ") !== true) {
        throw refusals.unsigned();
      }
      const handler = handlers[call.operation];
      if (handler === undefined) throw refusals.unknown(`${request.method} ${request.url}`);
      const answer = handler(call, body, this.#buckets);
      if (fault?.kind === "lose-answer") return this.#cut(response, seen);
      if (fault?.kind === "then") fault.act();
      finish(answer);
    } catch (error) {
      finish(refusalOf(error, request));
    }
  };

  #send(
    response: ServerResponse,
    { seen, answer, fault }: { seen: SeenRequest; answer: S3Answer; fault: Fault | undefined },
  ): void {
    this.#answers += 1;
    const { named, reads } = answer;
    this.log.add(seen, answer.status, {
      ...(named === undefined ? {} : { named: named.map((key) => `${seen.resource}/${key}`) }),
      ...(reads === undefined ? {} : { reads: `arn:aws:s3:::${reads}` }),
    });
    response.writeHead(answer.status, {
      ...answer.headers,
      "content-length": answer.body.length,
      "x-amz-request-id": `request-${this.#answers}`,
    });
    if (fault?.kind === "cut") {
      response.write(answer.body.subarray(0, fault.afterBytes), () => response.destroy());
    } else response.end(fault?.kind === "flip" ? flipped(answer.body, fault.at) : answer.body);
  }

  #cut(response: ServerResponse, seen: SeenRequest): void {
    this.log.add(seen, 0);
    response.destroy();
  }
}

/** A server that listens on this machine's own address. */
export interface RunningS3 extends AsyncDisposable {
  readonly emulator: S3Emulator;
  readonly endpoint: string;
}

/** Starts a server of its own for S3. */
export async function startS3(options: S3ServerOptions = {}): Promise<RunningS3> {
  const emulator = new S3Emulator(options);
  const server = createServer((request, response) => {
    void emulator.handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    emulator,
    endpoint: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function callOf(request: IncomingMessage): S3Call {
  const url = new URL(request.url ?? "/", "http://localhost");
  const [bucket = "", ...path] = url.pathname.slice(1).split("/").map(decodeURIComponent);
  const place = { bucket, key: path.join("/"), query: url.searchParams };
  const named = operationOf(request.method ?? "", place);
  const isCopy = named === "PutObject" && header(request, "x-amz-copy-source") !== undefined;
  return { operation: isCopy ? "CopyObject" : named, ...place, request };
}

function seenOf({ operation, bucket, key, request }: S3Call): SeenRequest {
  const resource = `arn:aws:s3:::${bucket}${key === "" ? "" : `/${key}`}`;
  return { caller: callerOf(request), service: "s3", operation, resource };
}

function refusalOf(error: unknown, request: IncomingMessage): S3Answer {
  const { status, code, message } =
    error instanceof S3Error ? error : new S3Error(500, "InternalError", String(error));
  const body = request.method === "HEAD" ? "" : xmlOf("Error", { Code: code, Message: message });
  return { status, headers: { "content-type": "application/xml" }, body: Buffer.from(body) };
}

function flipped(body: Buffer, at: number): Buffer {
  const copy = Buffer.from(body);
  const index = at < 0 ? copy.length + at : at;
  const byte = copy[index];
  if (byte !== undefined) copy[index] = byte ^ 0xff;
  return copy;
}
