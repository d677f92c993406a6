/**
 * `npm run test:emulators`: the cloud suite on the server that EMULATOR names. Starts the server, deploys the stack to
 * it, runs the suite and stops the server, whatever happens. With words of a command after `--` runs that instead:
 * `EMULATOR=localstack node test/emulators/run.ts -- bash` is a shell with a cloud of its own.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { cdk } from "./server/cdk.ts";
import { startCompose } from "./server/compose.ts";
import { descendants, endAll } from "./server/process-tree.ts";
import { plainEnvironment, type RunningServer, startServer } from "./server/server.ts";

const root = path.resolve(import.meta.dirname, "../..");
const runMsMax = 15 * 60_000;
const stack = "LambdaskTest";
/** A small stack: all environments share this machine. */
const settings = ["memoryMb=512", "timeoutS=60", "reservedConcurrency=2"];
const suite = ["npx", "vitest", "run", "--project", "emulators"];

type Variables = Record<string, string>;

async function main(): Promise<number> {
  const cut = process.argv.indexOf("--");
  const [before, after] =
    cut < 0 ? [process.argv, []] : [process.argv.slice(0, cut), process.argv.slice(cut + 1)];
  const given = after.length > 0 && !after[0]?.startsWith("-") ? after : undefined;
  const command = given ?? [...suite, ...before.slice(2), ...after];
  // A person's shell may stay open.
  const msMax = given === undefined ? runMsMax : undefined;
  const name = process.env["EMULATOR"] ?? "builtin";
  switch (name) {
    case "builtin":
    case "aws":
      return await run(command, { ...process.env, EMULATOR: name } as Variables, msMax);
    case "localstack":
    case "ministack": {
      await using server = await serverFor(name);
      const variables = variablesFor(name, server.endpoint);
      if (given === undefined) await deploy(variables);
      return await run(command, { ...variables, LAMBDASK_TEST_STACK: stack }, msMax);
    }
    default:
      throw new Error(`EMULATOR=${name}: expected builtin, localstack, ministack or aws`);
  }
}

/** One that runs already, one in Docker, or one on this machine. */
async function serverFor(name: "localstack" | "ministack"): Promise<RunningServer> {
  const endpoint = process.env["AWS_ENDPOINT_URL"];
  if (endpoint !== undefined) return { endpoint, [Symbol.asyncDispose]: async () => {} };
  return (name === "localstack" ? await startCompose() : undefined) ?? (await startServer(name));
}

function variablesFor(name: string, endpoint: string): Variables {
  return {
    ...plainEnvironment(),
    EMULATOR: name,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
}

async function deploy(variables: Variables): Promise<void> {
  const output = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-cdk-"));
  try {
    const context = [`stack=${stack}`, ...settings].flatMap((each) => ["--context", each]);
    await cdk(["bootstrap", "aws://000000000000/us-east-1", "--output", output], variables);
    const words = ["deploy", "--require-approval", "never", "--output", output];
    await cdk([...words, ...context], variables);
  } finally {
    fs.rmSync(output, { recursive: true, force: true });
  }
}

/** The command's exit code; it ends when this process is told to, or, with all that it has started, after `msMax`. */
async function run(
  [program = "", ...words]: readonly string[],
  env: Variables,
  msMax?: number,
): Promise<number> {
  const child = spawn(program, words, { cwd: root, stdio: "inherit", env });
  const stop = (): void => void child.kill("SIGTERM");
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
  const late = (): void => {
    console.error(`not finished after ${runMsMax / 60_000} minutes`);
    const below = descendants(child.pid ?? process.pid);
    child.kill("SIGKILL");
    endAll(below);
  };
  const timer = msMax === undefined ? undefined : setTimeout(late, msMax);
  const [code] = (await once(child, "exit")) as [number | null];
  clearTimeout(timer);
  return code ?? 1;
}

process.exitCode = await main();
