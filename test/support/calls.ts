import type { ShippedFunction } from "../../src/backend/shipped-function.ts";
import { type Invocation, protocolVersion, type TaskSpec } from "../../src/backend/task.ts";
import { nameOf } from "../../src/base/content-name.ts";
import { makeInvocationId, makeRunId } from "../../src/base/ids.ts";
import { encodeChunk } from "../../src/chunk/codec.ts";

/** An invocation that applies `fn` to each of `values`. */
export function calls(
  fn: ShippedFunction,
  values: readonly unknown[],
  changes: Partial<Invocation> = {},
): Invocation {
  return {
    protocol: protocolVersion,
    run: makeRunId("run"),
    id: makeInvocationId(1),
    stage: {
      name: nameOf("stage"),
      label: "call",
      count: values.length,
      singles: [true],
      store: false,
      nonce: "",
    },
    program: {
      id: nameOf(["program", fn.id]),
      steps: [{ operation: "call", arguments: [{ input: 0 }], functions: [0] }],
      functions: [fn],
    },
    tasks: values.map(
      (value, index): TaskSpec => ({ index, attempt: 1, inputs: [[{ inline: encoded(value) }]] }),
    ),
    ...changes,
  };
}

/** A small value as a chunk. */
export function encoded(value: unknown): Uint8Array {
  const chunk = encodeChunk(value);
  if (chunk instanceof Promise || chunk.kind !== "whole") throw new Error("a small value");
  return chunk.bytes;
}
