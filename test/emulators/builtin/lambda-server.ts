import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Fault, FaultPlan } from "./faults.ts";
import { LambdaFunction } from "./lambda-function.ts";
import { type FunctionResult, type FunctionSettings, functionArn } from "./lambda-settings.ts";
import { callerOf, RequestLog, type SeenRequest } from "./request-log.ts";
import { header } from "./s3-body.ts";

const requestBytesMax = 6 * 2 ** 20;
const eventBytesMax = 2 ** 20;
const eventTriesMax = 3;
const tailBytes = 4096;
const invokePath = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** An answer without a function's result. */
interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly reason?: string;
}

/** True for requests that Lambda answers. */
export function isForLambda(request: IncomingMessage): boolean {
  return request.url?.startsWith("/2015-03-31/functions/") === true;
}

/** The calls of functions, in processes of their own. Signatures must be there but are not checked. */
export class LambdaEmulator {
  readonly log: RequestLog;
  /** May be set anew at any time. */
  faults: FaultPlan = () => undefined;
  readonly #functions = new Map<string, LambdaFunction>();
  readonly #events = new Set<Promise<void>>();

  constructor(log: RequestLog = new RequestLog()) {
    this.log = log;
  }

  deploy(settings: FunctionSettings): LambdaFunction {
    const deployed = new LambdaFunction(settings);
    this.#functions.set(settings.name, deployed);
    return deployed;
  }

  /** A function by name or ARN. */
  function(name: string): LambdaFunction | undefined {
    return this.#functions.get(name.split(":").at(-1) ?? "");
  }

  async close(): Promise<void> {
    await Promise.all([...this.#functions.values()].map((each) => each.close()));
    await Promise.all(this.#events);
  }

  /** Answers one HTTP request. */
  readonly handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const name = decodeURIComponent(invokePath.exec(pathOf(request))?.[1] ?? "");
    const resource = functionArn(name);
    const seen = { caller: callerOf(request), service: "lambda", operation: "Invoke", resource };
    const fault = this.faults(seen);
    if (fault?.kind === "reset") return this.#cut(response, seen);
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    if (fault?.kind === "late") this.#cut(response, seen);
    if (fault?.kind === "hold" || fault?.kind === "late") await fault.until;
    const refusal = fault?.kind === "refuse" ? refused(fault) : check(request, body);
    const called = this.function(name);
    if (refusal !== undefined) return this.#refuse(response, seen, refusal);
    if (called === undefined) return this.#refuse(response, seen, unknownFunction(name));
    const payload = body.length === 0 ? "{}" : body.toString();
    const type = header(request, "x-amz-invocation-type");
    if (type === "DryRun") return this.#send(response, seen, 204);
    if (type === "Event") {
      this.#runLater(called, payload);
      return this.#send(response, seen, 202);
    }
    const result = await called.run({ id: randomUUID(), payload });
    if (result === undefined) return this.#refuse(response, seen, tooMany);
    if (fault?.kind === "late") return;
    if (fault?.kind === "lose-answer") return this.#cut(response, seen);
    if (fault?.kind === "then") fault.act();
    const wantsLogs = header(request, "x-amz-log-type") === "Tail";
    this.#send(response, seen, 200, { result, wantsLogs, fault });
  };

  /** An event is tried again when its function fails. */
  #runLater(called: LambdaFunction, payload: string): void {
    const id = randomUUID();
    const run = async (): Promise<void> => {
      for (let tries = 1; tries <= eventTriesMax; tries++) {
        const result = await called.run({ id, payload });
        if (result?.failed === false) return;
      }
    };
    const running = run().finally(() => this.#events.delete(running));
    this.#events.add(running);
  }

  #send(
    response: ServerResponse,
    seen: SeenRequest,
    status: number,
    answer?: { result: FunctionResult; wantsLogs: boolean; fault: Fault | undefined },
  ): void {
    this.log.add(seen, status);
    const { result, wantsLogs = false, fault } = answer ?? {};
    const tail = Buffer.from(result?.logs ?? "").subarray(-tailBytes);
    const body = Buffer.from(result?.payload ?? "");
    response.writeHead(status, {
      "x-amzn-requestid": randomUUID(),
      "x-amz-executed-version": "$LATEST",
      ...(result?.failed ? { "x-amz-function-error": "Unhandled" } : {}),
      ...(wantsLogs ? { "x-amz-log-result": tail.toString("base64") } : {}),
      ...(status === 204 ? {} : { "content-length": body.length }),
    });
    if (fault?.kind !== "cut") response.end(body);
    else response.write(body.subarray(0, fault.afterBytes), () => response.destroy());
  }

  #refuse(response: ServerResponse, seen: SeenRequest, refusal: Refusal): void {
    const { status, type, message, reason } = refusal;
    this.log.add(seen, status);
    response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": type });
    response.end(JSON.stringify({ Type: "User", Message: message, message, Reason: reason }));
  }

  #cut(response: ServerResponse, seen: SeenRequest): void {
    this.log.add(seen, 0);
    response.destroy();
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").split("?")[0] ?? "";
}

const tooMany: Refusal = {
  status: 429,
  type: "TooManyRequestsException",
  message: "Rate Exceeded.",
  reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
};

function refused({ status, code }: Extract<Fault, { kind: "refuse" }>): Refusal {
  return { status, type: code, message: `${code}, as planned` };
}

function unknownFunction(name: string): Refusal {
  const message = `Function not found: ${functionArn(name)}`;
  return { status: 404, type: "ResourceNotFoundException", message };
}

/** What Lambda refuses before it calls anything. */
function check(request: IncomingMessage, body: Buffer): Refusal | undefined {
  if (header(request, "authorization")?.startsWith("AWS4-HMAC-SHA256 ") !== true) {
    const message = "Missing Authentication Token";
    return { status: 403, type: "MissingAuthenticationTokenException", message };
  }
  const type = header(request, "x-amz-invocation-type") ?? "RequestResponse";
  const bytesMax = type === "Event" ? eventBytesMax : requestBytesMax;
  if (body.length > bytesMax) {
    const message = `${body.length} byte payload is too large for the ${type} invocation type (limit ${bytesMax} bytes)`;
    return { status: 413, type: "RequestTooLargeException", message };
  }
  try {
    if (body.length > 0) JSON.parse(body.toString());
  } catch (error) {
    const message = `Could not parse request body into json: ${String(error)}`;
    return { status: 400, type: "InvalidRequestContentException", message };
  }
  return undefined;
}
