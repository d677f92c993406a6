import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { assert } from "../base/assert.ts";
import { LineForwarder } from "./line-forwarder.ts";
import { lastWordsFd, messagesFd, type WorkerConfig } from "./worker-config.ts";
import { loaderFlags, memoryFlags, workerVariables } from "./worker-flags.ts";

/** Where the lines that workers print go. */
export interface WorkerOutput {
  stdout(lines: Uint8Array): void;
  stderr(lines: Uint8Array): void;
}

/** A process and its pipes. */
export interface SpawnedWorker {
  readonly child: ChildProcess;
  readonly messages: Socket;
  /** The end of what it printed on stderr. */
  stderrTail(): string;
  /** What its watchdog said. */
  lastWords(): string;
  /** Whether the process and its pipes keep this process alive. */
  hold(active: boolean): void;
}

const tailBytes = 4096;
/** From here on a dying V8 prints its own state: for the failure's detail, not for the user's terminal. */
const v8Dying = "<--- Last few GCs --->";

/**
 * Starts a worker: detached, so that Ctrl-C in the terminal reaches only the client, and with a pipe each for
 * messages and for its watchdog.
 */
export function spawnWorker(
  entry: string,
  config: WorkerConfig,
  output: WorkerOutput,
): SpawnedWorker {
  const flags = [
    ...loaderFlags(process.execArgv),
    ...memoryFlags(config.memoryBytes, config.reservedMemoryBytes),
  ];
  const child = spawn(process.execPath, [...flags, entry, JSON.stringify(config)], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
    env: workerVariables(),
  });
  const messages = socketOf(child, messagesFd);
  const sockets = [socketOf(child, 1), socketOf(child, 2), messages, socketOf(child, lastWordsFd)];
  // A pipe to a process that has died: its exit says all there is to say.
  for (const socket of sockets) socket.on("error", () => {});
  forward(socketOf(child, 1), output.stdout);
  const stderr = forwardAlive(socketOf(child, 2), output.stderr);
  const lastWords = tailOf(socketOf(child, lastWordsFd));
  return {
    child,
    messages,
    stderrTail: stderr,
    lastWords,
    hold: (active) => {
      for (const each of [child, ...sockets]) {
        if (active) each.ref();
        else each.unref();
      }
    },
  };
}

function socketOf(child: ChildProcess, fd: number): Socket {
  const stream = child.stdio[fd];
  assert(stream instanceof Socket, `pipe ${fd} of a worker is a socket`);
  return stream;
}

function forward(from: Socket, write: (lines: Uint8Array) => void): void {
  const lines = new LineForwarder(write);
  from.on("data", (piece: Uint8Array) => lines.push(piece));
  from.on("close", () => lines.end());
}

function forwardAlive(from: Socket, write: (lines: Uint8Array) => void): () => string {
  let dying = false;
  forward(from, (lines) => {
    dying ||= Buffer.from(lines).includes(v8Dying);
    if (!dying) write(lines);
  });
  return tailOf(from);
}

function tailOf(from: Socket): () => string {
  let tail = Buffer.alloc(0);
  from.on("data", (piece: Buffer) => {
    tail = Buffer.concat([tail, piece]);
    if (tail.byteLength > 2 * tailBytes) tail = tail.subarray(-tailBytes);
  });
  return () => tail.subarray(-tailBytes).toString();
}
