import { Buffer } from "node:buffer";
import { clientErrorData } from "../backend/client-error-data.ts";
import type { Failure } from "../backend/failure.ts";
import { decodeReply, encodeInvocation, type WorkerReply } from "../backend/invocation-codec.ts";
import type { Invoker } from "../backend/invoker.ts";
import type { Invocation, InvocationOutcome } from "../backend/task.ts";
import { unreachable } from "../base/assert.ts";
import { LambdaskError } from "../base/errors.ts";
import { Environments } from "./environments.ts";
import { failureOfFunction } from "./function-failure.ts";
import { decodePayload, encodePayload, payloadTextMax } from "./lambda-payload.ts";
import type { LambdaPort } from "./lambda-port.ts";
import { protocolProblem } from "./protocol-problem.ts";
import { Refusals } from "./refusals.ts";
import { troubleOf } from "./service-failure.ts";

/** What an invoker calls, and how. */
export interface LambdaInvokerOptions {
  readonly port: LambdaPort;
  readonly functionName: string;
  /** Invocations in flight, at most. */
  readonly concurrency: number;
  /** Memory of the function, in bytes. */
  readonly memoryBytes: number;
  /** The function's own time limit. */
  readonly functionMsMax: number;
}

/** How much later than its deadline an invocation may answer: it may have to start an environment first. */
const graceMs = 15_000;
/** Lambda's own errors in a row that count as flow control; from then on they count as lost workers. */
const serviceErrorsMax = 20;
const timerMsMax = 2 ** 31 - 1;

/** Tasks are run by synchronous calls of one Lambda function. Lambda starts and ends the environments. */
export class LambdaInvoker implements Invoker {
  readonly environments: Environments = new Environments();
  readonly #options: LambdaInvokerOptions;
  readonly #listeners = new Set<(slots: number) => void>();
  #slots: number;
  #inFlight = 0;
  #serviceErrors = 0;
  readonly #refusals = new Refusals();
  #holding: NodeJS.Timeout | undefined;

  constructor(options: LambdaInvokerOptions) {
    this.#options = options;
    this.#slots = options.concurrency;
  }

  get slots(): number {
    return this.#slots;
  }

  async invoke(invocation: Invocation, signal: AbortSignal): Promise<InvocationOutcome> {
    if (signal.aborted) return lost({ kind: "returned" });
    if (this.#inFlight >= this.#slots) return lost({ kind: "throttle" });
    this.#inFlight += 1;
    const call = new Call(signal, invocation.timeoutMs ?? this.#options.functionMsMax);
    try {
      return await this.#call(invocation, call);
    } catch (error) {
      return lost(call.ended ?? this.#failureOf(error, invocation));
    } finally {
      call.end();
      this.#inFlight -= 1;
    }
  }

  onSlots(listener: (slots: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Environments that are not used cost nothing, so there are always as many slots as there may be. */
  scale(target: number | { readonly min: number; readonly max: number }): void {
    const slots = typeof target === "number" ? target : target.max;
    if (slots === this.#slots) return;
    this.#slots = slots;
    for (const listener of this.#listeners) listener(slots);
  }

  /** Calls hold the process, but between them nothing else does: while it waits to try again, for one. */
  hold(active: boolean): void {
    clearInterval(this.#holding);
    this.#holding = active ? setInterval(() => {}, timerMsMax) : undefined;
  }

  async close(): Promise<void> {
    this.hold(false);
    this.#options.port.close();
  }

  async #call(invocation: Invocation, call: Call): Promise<InvocationOutcome> {
    const { port, functionName, memoryBytes } = this.#options;
    const payload = `"${encodePayload(encodeInvocation(invocation))}"`;
    if (payload.length > payloadTextMax) {
      return lost(tooLarge(invocation, `its message has ${payload.length} bytes`));
    }
    const answer = await port.invoke(functionName, payload, call.signal);
    this.#serviceErrors = 0;
    this.#refusals.ended();
    if (answer.failed) {
      const failure = failureOfFunction(answer.payload, { memoryBytes });
      return lost(
        failure === "too-large" ? tooLarge(invocation, "its reply is too large") : failure,
      );
    }
    return this.#outcome(readReply(answer.payload));
  }

  #outcome(reply: WorkerReply | { readonly protocol: number }): InvocationOutcome {
    if ("protocol" in reply) {
      const { what, fix } = protocolProblem(reply.protocol);
      return lost({ kind: "mismatch", detail: `${what}: ${fix}` });
    }
    const worker = this.environments.answered(reply);
    const { results, failure } = reply;
    return failure === undefined
      ? { kind: "answered", worker, results }
      : { kind: "lost", worker, results, failure };
  }

  #failureOf(error: unknown, invocation: Invocation): Failure {
    const trouble = troubleOf(error, this.#options.functionName);
    switch (trouble.kind) {
      case "failure":
        if (trouble.failure.kind === "throttle") {
          this.#refusals.refused(performance.now(), this.#options.functionName);
        }
        return trouble.failure;
      case "too-large":
        return tooLarge(invocation, trouble.detail);
      case "service":
        // While other calls succeed it passes by itself, and no task is to blame for it.
        this.#serviceErrors += 1;
        if (this.#serviceErrors <= serviceErrorsMax) return { kind: "throttle" };
        return { kind: "worker-lost", detail: `Lambda fails: ${trouble.detail}` };
      default:
        return unreachable(trouble);
    }
  }
}

/** One call: it ends early when it is cancelled or far beyond its deadline. */
class Call {
  /** Why it ended early. */
  ended: Failure | undefined;
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #cancel = (): void => this.#endEarly({ kind: "returned" });

  constructor(signal: AbortSignal, timeoutMs: number) {
    this.#outer = signal;
    signal.addEventListener("abort", this.#cancel);
    const late = (): void => this.#endEarly({ kind: "timeout", afterMs: timeoutMs });
    this.#timer = setTimeout(late, Math.min(timeoutMs + graceMs, timerMsMax));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener("abort", this.#cancel);
  }

  #endEarly(failure: Failure): void {
    this.ended = failure;
    this.#controller.abort();
  }
}

/** Nobody's reply: the environment is not known. */
const nobody = -1;

function lost(failure: Failure): InvocationOutcome {
  return { kind: "lost", worker: nobody, results: [], failure };
}

/** Several tasks come back in smaller messages; for one there is no smaller. */
function tooLarge({ tasks, stage }: Invocation, detail: string): Failure {
  if (tasks.length > 1) return { kind: "worker-lost", detail };
  const error = new LambdaskError("LIMIT", {
    message: `${stage.label}: ${detail}, more than the ${payloadTextMax} that a call of Lambda takes`,
    fix: "let the function capture less: put large data into files or scattered values",
  });
  return { kind: "fatal", error: { ...clientErrorData(error), stack: "" } };
}

function readReply(payload: Uint8Array): WorkerReply | { readonly protocol: number } {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const read = decodePayload(JSON.parse(text.toString("latin1")));
  return read.kind === "message" ? decodeReply(read.bytes) : read;
}
