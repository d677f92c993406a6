import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import {
  type FunctionResult,
  type FunctionSettings,
  functionArn,
  functionError,
} from "./lambda-settings.ts";
import { workerKey } from "./request-log.ts";

/** One call, as an environment takes it. */
export interface EnvironmentCall {
  readonly id: string;
  readonly payload: string;
}

interface Running extends EnvironmentCall {
  readonly resolve: (result: FunctionResult) => void;
}

const runtimeClient = path.join(import.meta.dirname, "lambda-runtime.mjs");
const responseBytesMax = 6 * 2 ** 20;
const lookAtMemoryMs = 20;
/** Time to start that is not counted. */
const initMsMax = 10_000;
const logCharactersMax = 64 * 1024;

/**
 * One execution environment: a process of its own with the Runtime API beside it. It runs one call at a time, stands
 * still between calls, and ends when it exits, takes too long or uses too much memory.
 */
export class LambdaEnvironment {
  readonly #settings: FunctionSettings;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #temporary: string = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-environment-"));
  #child: ChildProcess | undefined;
  #running: Running | undefined;
  #waiting: ServerResponse | undefined;
  #logs = "";
  #initError: string | undefined;
  #endedBy: "timeout" | "memory" | undefined;
  #memory: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** True once its process is gone. */
  ended = false;

  constructor(settings: FunctionSettings) {
    this.#settings = settings;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Runs one call; the first one starts the process. */
  async run(call: EnvironmentCall): Promise<FunctionResult> {
    const { promise, resolve } = Promise.withResolvers<FunctionResult>();
    this.#running = { ...call, resolve };
    this.#logs = "";
    if (this.#child === undefined) await this.#start();
    this.#limit(this.#limitMs + initMsMax);
    this.#child?.kill("SIGCONT");
    this.#give();
    return promise;
  }

  get #limitMs(): number {
    return this.#settings.timeoutS * 1000;
  }

  #limit(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#kill("timeout"), ms);
  }

  /** Ends the process, and resolves when nothing of it is left. */
  async close(): Promise<void> {
    const child = this.#child;
    if (child !== undefined && !this.ended) {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
    this.#cleanUp();
  }

  async #start(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const { folder, handler, memoryMb } = this.#settings;
    const reads = [folder, runtimeClient, this.#temporary, "/proc/self/status"];
    const child = spawn(
      process.execPath,
      [
        `--max-old-space-size=${Math.floor(memoryMb * 0.9)}`,
        "--permission",
        ...reads.map((each) => `--allow-fs-read=${each}`),
        `--allow-fs-write=${this.#temporary}`,
        runtimeClient,
        handler,
      ],
      { cwd: folder, env: this.#variables(), stdio: ["ignore", "pipe", "pipe"] },
    );
    this.#child = child;
    const keep = (piece: Buffer): void => {
      this.#logs = (this.#logs + piece.toString()).slice(-logCharactersMax);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("close", (code, signal) => this.#onEnd(code, signal));
    this.#memory = setInterval(() => this.#lookAtMemory(), lookAtMemoryMs);
  }

  #variables(): Record<string, string> {
    const { name, folder, handler, memoryMb, variables } = this.#settings;
    const { port } = this.#server.address() as AddressInfo;
    return {
      LANG: "en_US.UTF-8",
      TZ: ":UTC",
      PATH: "/usr/bin:/bin",
      TMPDIR: this.#temporary,
      _HANDLER: handler,
      LAMBDA_TASK_ROOT: folder,
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: workerKey,
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: `[$LATEST]${path.basename(this.#temporary)}`,
      ...variables,
    };
  }

  /** The Runtime API. */
  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = (request.url ?? "").replace("/2018-06-01/runtime/", "");
    if (name === "invocation/next") {
      this.#waiting = response;
      if (this.#running === undefined) this.#child?.kill("SIGSTOP");
      else this.#give();
      return;
    }
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    response.writeHead(202).end("{}");
    this.#take(name, Buffer.concat(pieces).toString());
  }

  #take(name: string, body: string): void {
    if (name === "init/error") {
      this.#initError = body;
      return;
    }
    const [, id, what] = name.split("/");
    if (id !== this.#running?.id) return;
    const bytes = Buffer.byteLength(body);
    if (bytes <= responseBytesMax) {
      this.#answer(body, what === "error");
      return;
    }
    const error = `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${responseBytesMax} bytes).`;
    this.#answer(functionError("Function.ResponseSizeTooLarge", error), true);
  }

  #give(): void {
    const running = this.#running;
    const response = this.#waiting;
    if (running === undefined || response === undefined) return;
    this.#waiting = undefined;
    this.#limit(this.#limitMs);
    response.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": running.id,
      "lambda-runtime-deadline-ms": String(Date.now() + this.#limitMs),
      "lambda-runtime-invoked-function-arn": functionArn(this.#settings.name),
      "lambda-runtime-trace-id": "Root=1-00000000-000000000000000000000000;Sampled=0",
    });
    response.end(running.payload);
  }

  #answer(payload: string, failed: boolean): void {
    clearTimeout(this.#timer);
    const running = this.#running;
    this.#running = undefined;
    running?.resolve({ payload, failed, logs: this.#logs });
  }

  #lookAtMemory(): void {
    const pid = this.#child?.pid;
    if (pid === undefined || this.ended) return;
    if (residentBytes(pid) > this.#settings.memoryMb * 2 ** 20) this.#kill("memory");
  }

  #kill(why: "timeout" | "memory"): void {
    this.#endedBy ??= why;
    this.#child?.kill("SIGKILL");
  }

  #onEnd(code: number | null, signal: string | null): void {
    this.ended = true;
    this.#cleanUp();
    if (this.#running === undefined) return;
    this.#answer(this.#initError ?? this.#lastWords(code, signal), true);
  }

  #lastWords(code: number | null, signal: string | null): string {
    const request = `RequestId: ${this.#running?.id}`;
    if (this.#endedBy === "timeout") {
      const limit = this.#settings.timeoutS.toFixed(2);
      const message = `${request} Error: Task timed out after ${limit} seconds`;
      return functionError("Sandbox.Timedout", message);
    }
    const exited = `${request} Error: Runtime exited`;
    if (this.#endedBy === "memory") {
      return functionError("Runtime.OutOfMemory", `${exited} with error: signal: killed`);
    }
    const names: Record<string, string> = { SIGKILL: "killed", SIGABRT: "aborted" };
    const how =
      signal !== null
        ? ` with error: signal: ${names[signal] ?? signal}`
        : code === 0
          ? " without providing a reason"
          : ` with error: exit status ${code}`;
    return functionError("Runtime.ExitError", exited + how);
  }

  #cleanUp(): void {
    clearInterval(this.#memory);
    clearTimeout(this.#timer);
    this.#server.closeAllConnections();
    this.#server.close();
    fs.rmSync(this.#temporary, { recursive: true, force: true });
  }
}

/** Bytes that a process has in memory; 0 if it is gone, or on a system that does not tell. */
function residentBytes(pid: number): number {
  try {
    return Number(fs.readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1]) * 4096;
  } catch {
    return 0;
  }
}
