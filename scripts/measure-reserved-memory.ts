import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { protocolVersion } from "../src/backend/task.ts";
import { nameOf } from "../src/base/content-name.ts";
import { makeInvocationId, makeRunId } from "../src/base/ids.ts";
import { encodeChunk } from "../src/chunk/codec.ts";
import { localBackend } from "../src/local/local-backend.ts";
import { builtinCloud } from "../test/emulators/builtin-cloud.ts";

/**
 * Prints the most memory that a fresh worker has had after one empty task: the largest of five. With the word `lambda`,
 * of worker functions on the emulator of our own.
 */
await using cloud =
  process.argv[2] === "lambda" ? await builtinCloud({ memoryMb: 1769 }) : undefined;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-reserved-"));
const nothing = encodeChunk(null);
if (nothing instanceof Promise || nothing.kind !== "whole") throw new Error("a small value");
const peaks: number[] = [];
for (let i = 0; i < 5; i++) {
  await cloud?.fresh({ memoryMb: 1769 });
  const backend =
    (await cloud?.backend().open()) ??
    localBackend({ processes: 1, memory: "1 GiB", store: folder });
  backend.invoker.hold(true);
  const outcome = await backend.invoker.invoke(
    {
      protocol: protocolVersion,
      run: makeRunId("measure"),
      id: makeInvocationId(i),
      stage: {
        name: nameOf("measure"),
        label: "measure",
        count: 1,
        singles: [true],
        store: false,
        nonce: "",
      },
      program: {
        id: nameOf("program"),
        steps: [{ operation: "identity", arguments: [{ input: 0 }] }],
        functions: [],
      },
      tasks: [{ index: 0, attempt: 1, inputs: [[{ inline: nothing.bytes }]] }],
    },
    new AbortController().signal,
  );
  for (const result of outcome.results) {
    if (result.status === "failed") throw new Error(JSON.stringify(result.failure));
    peaks.push(result.measures.peakBytes);
  }
  if (outcome.kind === "lost") throw new Error(JSON.stringify(outcome.failure));
  await backend.close();
}
fs.rmSync(folder, { recursive: true });
console.log(`${Math.max(...peaks)} bytes, the largest of ${peaks.join(", ")}`);
