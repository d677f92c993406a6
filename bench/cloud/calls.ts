import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { LambdaInvoker } from "../../src/aws/lambda-invoker.ts";
import { lambdaSdk } from "../../src/aws/lambda-sdk.ts";
import type { Invoker } from "../../src/backend/invoker.ts";
import { type Invocation, protocolVersion } from "../../src/backend/task.ts";
import { nameOf } from "../../src/base/content-name.ts";
import { makeInvocationId, makeRunId } from "../../src/base/ids.ts";
import { capture } from "../../src/code/capture.ts";
import type { Certificate } from "./certificate.ts";

/** The client's side of a Lambda that runs no function. */
export interface BenchedLambda extends AsyncDisposable {
  readonly invoker: Invoker;
  /** Resolves when the server holds as many calls as it was told of. */
  readonly allHeld: Promise<void>;
  /** Has held calls answered. */
  letGo(): void;
}

/** Starts the server in a process of its own; with `holds`, it keeps calls until that many have come. */
export async function benchedLambda(
  holds?: number,
  certificate?: Certificate,
): Promise<BenchedLambda> {
  process.env["AWS_ACCESS_KEY_ID"] = "bench";
  process.env["AWS_SECRET_ACCESS_KEY"] = "bench";
  const file = path.join(import.meta.dirname, "lambda-server.ts");
  const args = holds === undefined ? [] : ["hold", String(holds)];
  const server = spawn(process.execPath, [file, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      ...(certificate && {
        BENCH_TLS_KEY: certificate.keyFile,
        BENCH_TLS_CERTIFICATE: certificate.file,
      }),
    },
  });
  const lines = createInterface({ input: server.stdout });
  const [port] = (await once(lines, "line")) as [string];
  const scheme = certificate === undefined ? "http" : "https";
  const sdk = lambdaSdk({ region: "us-east-1", endpoint: `${scheme}://127.0.0.1:${port}` });
  const invoker = new LambdaInvoker({
    port: sdk,
    functionName: "worker",
    concurrency: 10_000,
    memoryBytes: 2 ** 30,
    functionMsMax: 60_000,
  });
  return {
    invoker,
    allHeld: once(lines, "line").then(() => undefined),
    letGo: () => server.stdin.write("\n"),
    [Symbol.asyncDispose]: async () => {
      await invoker.close();
      server.stdin.end();
      await once(server, "close");
    },
  };
}

const warmUp = 3000;
const rounds = 5;
const callsPerRound = 1000;
const atOnce = 16;

async function invokeMany({ invoker }: BenchedLambda, count: number): Promise<void> {
  const { signal } = new AbortController();
  let next = 0;
  const loop = async (): Promise<void> => {
    while (next < count) {
      const outcome = await invoker.invoke(invocationOf(next++), signal);
      if (outcome.kind === "lost") throw new Error(JSON.stringify(outcome.failure));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, loop));
}

/** Milliseconds of this process's processor per call, in the best of some rounds, since other load only adds. */
export async function cpuPerCall(lambda: BenchedLambda): Promise<number> {
  await invokeMany(lambda, warmUp);
  const took: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    await invokeMany(lambda, callsPerRound);
    const { user, system } = process.cpuUsage(before);
    took.push((user + system) / 1000 / callsPerRound);
  }
  return Math.min(...took);
}

const fn = capture((x: number) => x + 1);
const program = {
  id: nameOf("program"),
  steps: [{ operation: "call", arguments: [{ input: 0 }], functions: [0] }],
  functions: [fn],
};

/** An invocation of one task with a small input. */
export function invocationOf(index: number): Invocation {
  return {
    protocol: protocolVersion,
    run: makeRunId("run"),
    id: makeInvocationId(index),
    stage: {
      name: nameOf("stage"),
      label: "bench",
      count: 1e6,
      singles: [true],
      store: false,
      nonce: "",
    },
    program,
    tasks: [{ index, attempt: 1, inputs: [[{ inline: new Uint8Array(100).fill(index) }]] }],
    timeoutMs: 60_000,
  };
}
