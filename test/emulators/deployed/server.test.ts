import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { listening, loopback, tellsListening } from "../server/listening.ts";
import { startServer } from "../server/server.ts";

const server = process.env["EMULATOR"] === "ministack" ? "ministack" : "localstack";
function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return new Promise((resolve) => {
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}

test.runIf(tellsListening)("a server listens on this machine's own address and no other", () => {
  const port = Number(new URL(process.env["AWS_ENDPOINT_URL"] ?? "").port);
  const ofServer = listening().filter((each) => each.port === port);
  expect(ofServer.map(({ address }) => address)).toEqual([loopback]);
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
