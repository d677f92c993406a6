import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { descendants, endAll } from "./process-tree.ts";
import { settingsOf } from "./settings.ts";
import { type PythonServer, pythonOf } from "./tools.ts";

/** A server of AWS's APIs that runs on this machine, reachable from it alone. */
export interface RunningServer extends AsyncDisposable {
  readonly endpoint: string;
}

const readyMsMax = 90_000;
const stopMsMax = 8_000;
const lookMs = 100;

/** Starts a server and resolves when it is ready; nothing of it is left once it is disposed of. */
export async function startServer(server: PythonServer): Promise<RunningServer> {
  const python = await pythonOf(server);
  // Outside of the project: its package.json would decide what kind of modules functions are, and its node_modules
  // would hide what a bundle lacks.
  const data = fs.mkdtempSync(path.join(os.tmpdir(), `lambdask-${server}-`));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const settings = settingsOf(server, port, data);
  const log = path.join(data, "server.log");
  const output = fs.openSync(log, "a");
  const child = spawn(python, settings.arguments, {
    cwd: data,
    detached: true,
    stdio: ["ignore", output, output],
    env: { ...plainEnvironment(), ...settings.variables },
  });
  fs.closeSync(output);
  const stop = async (): Promise<void> => {
    await end(child);
    fs.rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await untilReady(child, endpoint + settings.healthPath);
  } catch (cause) {
    const words = fs.readFileSync(log, "utf8").split("\n").slice(-40).join("\n");
    await stop();
    throw new Error(`${server} did not start; its last words:\n${words}`, { cause });
  }
  return { endpoint, [Symbol.asyncDispose]: stop };
}

/** This process's environment without what would reach into the server. */
export function plainEnvironment(): Record<string, string> {
  const foreign = /^(AWS_|PYTHON(PATH|HOME)|LAMBDASK_|LOCALSTACK_)/;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return Object.fromEntries(kept) as Record<string, string>; // None of them is undefined.
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

async function untilReady(child: ChildProcess, healthUrl: string): Promise<void> {
  const deadline = AbortSignal.timeout(readyMsMax);
  const gone = new AbortController();
  child.once("exit", (code, signal) => gone.abort(new Error(`it ended (${signal ?? code})`)));
  child.once("error", (error) => gone.abort(error));
  for (;;) {
    const answer = await fetch(healthUrl, { signal: AbortSignal.timeout(2000) }).catch(
      () => undefined,
    );
    if (answer?.ok) return;
    gone.signal.throwIfAborted();
    deadline.throwIfAborted();
    await wait(lookMs);
  }
}

async function end(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const below = descendants(pid); // Functions, in case the server cannot end them itself.
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), stopMsMax);
  await gone;
  clearTimeout(timer);
  endAll(below);
}
