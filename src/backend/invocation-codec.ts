import type * as MessagePack from "msgpackr";
import * as messagePack from "msgpackr/pack";
import { LambdaskError } from "../base/errors.ts";
import { decodeValue, encodeValue } from "../chunk/value-codec.ts";
import type { Failure } from "./failure.ts";
import type { Program } from "./program.ts";
import type { Invocation, TaskResult } from "./task.ts";

// This entry leaves out the streams; its own type declarations do not resolve, but it has this export of the package.
const { Packr } = messagePack as typeof MessagePack;

/**
 * Tasks and results are many and plain, so they are packed. Free data in them (parameters, statistics, errors) is
 * rare and goes through the codec for values, which keeps every type and reads the same on every version of Node.
 */
const packer = new Packr({ useRecords: true, moreTypes: true });

/** A message of plain records, numbers, texts and bytes, as bytes. */
export function packMessage(message: unknown): Uint8Array {
  return packer.pack(message);
}

/** What `packMessage` wrote; its bytes are plain arrays, since `slice` of node's Buffer would be a view. */
export function unpackMessage(bytes: Uint8Array): unknown {
  return packer.unpack(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

/** Programs are sent again and again. */
const programs = new WeakMap<Program, Uint8Array>();

/** A program as bytes that stand in a message. */
export function packProgram(program: Program): Uint8Array {
  const known = programs.get(program);
  if (known !== undefined) return known;
  const bytes = encodeValue(program, "program");
  programs.set(program, bytes);
  return bytes;
}

/** The program that `packProgram` wrote. */
export function unpackProgram(bytes: unknown): Program {
  return decodeValue(bytesIn(bytes)) as Program;
}

/** An invocation as bytes, for workers that keep nothing of earlier ones. */
export function encodeInvocation(invocation: Invocation): Uint8Array {
  return packMessage({ ...invocation, program: packProgram(invocation.program) });
}

/** The invocation that `encodeInvocation` wrote. */
export function decodeInvocation(bytes: Uint8Array): Invocation {
  const message = unpackMessage(bytes) as Invocation & { readonly program: unknown };
  return { ...message, program: unpackProgram(message.program) };
}

/** A result as it stands in a message: bytes in place of free data. */
export function packResult(result: TaskResult): unknown {
  if (result.status === "failed") return { ...result, failure: encodeValue(result.failure) };
  if (result.output.statistics === undefined) return result;
  return {
    ...result,
    output: { ...result.output, statistics: packStatistics(result.output.statistics) },
  };
}

/** The result that `packResult` made. */
export function unpackResult(packed: unknown): TaskResult {
  // What stands in a message was made by `packResult`.
  const result = packed as TaskResult;
  if (result.status === "failed") return { ...result, failure: unpackFailure(result.failure) };
  if (result.output.statistics === undefined) return result;
  const statistics = decodeValue(bytesIn(result.output.statistics));
  return { ...result, output: { ...result.output, statistics } };
}

/** A failure as it stands in a message. */
export function packFailure(failure: Failure): Uint8Array {
  return encodeValue(failure);
}

/** The failure that `packFailure` made. */
function unpackFailure(packed: unknown): Failure {
  return decodeValue(bytesIn(packed)) as Failure;
}

function packStatistics(statistics: unknown): Uint8Array {
  try {
    return encodeValue(statistics, "statistics");
  } catch (cause) {
    throw new LambdaskError("BUG", { message: "internal: statistics are no plain data", cause });
  }
}

function bytesIn(packed: unknown): Uint8Array {
  if (packed instanceof Uint8Array) return packed;
  throw new LambdaskError("MISMATCH", {
    message: "a message has no bytes where free data belongs",
    fix: "let client and workers run the same version of lambdask",
  });
}

/** What a worker that is called by messages answers. */
export interface WorkerReply {
  /** The process that answered: one for each cold start. */
  readonly environment: string;
  /** Invocations that it has had, this one included: 1 after a cold start. */
  readonly invocations: number;
  /** From the start of the process until it could answer, in milliseconds. */
  readonly startMs: number;
  /** From taking the message until the reply, in milliseconds. */
  readonly answerMs: number;
  readonly results: readonly TaskResult[];
  /** What became of tasks that have no result. */
  readonly failure?: Failure;
}

/** A worker that is not to be trusted any more ends with this code when it is called again: nothing was run then. */
export const retiredExitCode = 91;

/** A reply as bytes. */
export function encodeReply(reply: WorkerReply): Uint8Array {
  const { failure, results, ...facts } = reply;
  return packMessage({
    ...facts,
    results: results.map(packResult),
    ...(failure === undefined ? {} : { failure: packFailure(failure) }),
  });
}

/** The reply that `encodeReply` wrote. */
export function decodeReply(bytes: Uint8Array): WorkerReply {
  const packed = unpackMessage(bytes) as WorkerReply;
  const results = packed.results.map(unpackResult);
  if (packed.failure === undefined) return { ...packed, results };
  return { ...packed, results, failure: unpackFailure(packed.failure) };
}
