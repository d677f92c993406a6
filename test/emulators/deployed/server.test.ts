import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { startServer } from "../server/server.ts";

const server = process.env["EMULATOR"] === "ministack" ? "ministack" : "localstack";
/** Linux tells who listens where. */
const tables = ["/proc/net/tcp", "/proc/net/tcp6"].filter((table) => fs.existsSync(table));
const loopback = "0100007F";
const listening = "0A";

/** Addresses, as the kernel writes them, on which somebody listens at this port. */
function addressesOf(port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return tables
    .flatMap((table) => fs.readFileSync(table, "utf8").trim().split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(`:${hex}`) && state === listening)
    .map(([, local = ""]) => local.split(":")[0] ?? "");
}

function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return new Promise((resolve) => {
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}

test.runIf(tables.length > 0)("a server listens on this machine's own address and no other", () => {
  const port = Number(new URL(process.env["AWS_ENDPOINT_URL"] ?? "").port);
  expect(addressesOf(port)).toEqual([loopback]);
});

test("a server that is stopped is gone", async () => {
  const running = await startServer(server);
  const port = Number(new URL(running.endpoint).port);
  expect(await answers(port)).toBe(true);
  await running[Symbol.asyncDispose]();
  expect(await answers(port)).toBe(false);
});

test.runIf(server === "localstack")("a server whose starter is killed ends too", async () => {
  const module = path.resolve(import.meta.dirname, "../server/server.ts");
  const program = `
    const { startServer } = await import(${JSON.stringify(module)});
    console.log((await startServer("localstack")).endpoint);
    setInterval(() => {}, 1000);`;
  const starter = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(starter.stdout, "data")) as [Buffer];
  const port = Number(new URL(line.toString().trim()).port);
  expect(await answers(port)).toBe(true);
  starter.kill("SIGKILL");
  while (await answers(port)) await wait(100);
});
