import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../contract/temporary-folder.ts";
import { isRunning, until } from "./until.ts";

/** What is promised: no orphan a second after its client. */
const orphanMsMax = 1000;

/** A client in a process of its own, and the pid of its worker. */
async function startClient(action?: string): Promise<{ client: ChildProcess; worker: number }> {
  const program = path.join(import.meta.dirname, "client-program.ts");
  const client = spawn(process.execPath, [program, ...(action === undefined ? [] : [action])], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface(client.stdout);
  const worker = await new Promise<number>((resolve) => {
    lines.once("line", (line) => resolve(Number(line)));
  });
  return { client, worker };
}

async function killAndWait(client: ChildProcess, worker: number): Promise<number> {
  client.kill("SIGKILL");
  await once(client, "exit");
  const start = performance.now();
  await until(() => !isRunning(worker) || performance.now() - start > orphanMsMax);
  return performance.now() - start;
}

describe("when the client is gone", () => {
  test("by kill -9, a worker in a busy loop ends", async () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, "spinning");
    const { client, worker } = await startClient(`spin ${file}`);
    await until(() => fs.existsSync(file));
    expect(isRunning(worker)).toBe(true);
    await killAndWait(client, worker);
    expect(isRunning(worker)).toBe(false);
  });

  test("by kill -9, a worker that waits ends", async () => {
    const { client, worker } = await startClient("ignore-abort");
    await killAndWait(client, worker);
    expect(isRunning(worker)).toBe(false);
  });

  test("by its own end, which idle workers do not hold up, they end", async () => {
    const { client, worker } = await startClient();
    await once(client, "exit");
    expect(client.exitCode).toBe(0);
    await until(() => !isRunning(worker));
  });

  test("workers are in a group of their own, out of reach of Ctrl-C", async () => {
    const { client, worker } = await startClient("ignore-abort");
    const group = (pid: number | undefined): string | undefined =>
      fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[2];
    expect(group(worker)).toBe(String(worker));
    expect(group(client.pid)).not.toBe(String(worker));
    await killAndWait(client, worker);
  });
});
