import {
  packMessage,
  packProgram,
  packResult,
  unpackMessage,
  unpackProgram,
  unpackResult,
} from "../backend/invocation-codec.ts";
import type { Program } from "../backend/program.ts";
import type { Invocation, TaskResult } from "../backend/task.ts";

/** What the client sends a worker. */
export type ToWorker =
  | {
      readonly kind: "run";
      readonly invocation: Omit<Invocation, "program">;
      readonly program: Program["id"];
      /** The program itself, unless this worker has it. */
      readonly body?: Program;
    }
  /** Nobody wants the results of these tasks any more; with `afterMs`, because their time is over. */
  | { readonly kind: "unwanted"; readonly indexes: readonly number[]; readonly afterMs?: number }
  /** Stop the running invocation: its tasks' signals abort. */
  | { readonly kind: "cancel" };

/** What a worker sends the client. */
export type FromWorker =
  | { readonly kind: "ready" }
  /** The running task has looked at its signal: it may end early when it is told. */
  | { readonly kind: "listens" }
  | { readonly kind: "results"; readonly results: readonly TaskResult[] }
  | {
      readonly kind: "finished";
      readonly results: readonly TaskResult[];
      /** Memory stays taken after the garbage was collected: start another worker instead. */
      readonly recycle: boolean;
    };

/** `message` as bytes. */
export function encodeToWorker(message: ToWorker): Uint8Array {
  if (message.kind !== "run" || message.body === undefined) return packMessage(message);
  return packMessage({ ...message, body: packProgram(message.body) });
}

/** The message that `encodeToWorker` wrote. */
export function decodeToWorker(bytes: Uint8Array): ToWorker {
  const message = unpackMessage(bytes) as ToWorker;
  if (message.kind !== "run" || message.body === undefined) return message;
  return { ...message, body: unpackProgram(message.body) };
}

/** `message` as bytes. */
export function encodeFromWorker(message: FromWorker): Uint8Array {
  if (!("results" in message)) return packMessage(message);
  return packMessage({ ...message, results: message.results.map(packResult) });
}

/** The message that `encodeFromWorker` wrote. */
export function decodeFromWorker(bytes: Uint8Array): FromWorker {
  const message = unpackMessage(bytes) as FromWorker;
  if (!("results" in message)) return message;
  return { ...message, results: message.results.map(unpackResult) };
}
