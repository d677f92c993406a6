import { nameOf } from "../../src/base/content-name.ts";
import { makeInvocationId, makeRunId } from "../../src/base/ids.ts";
import { encodeChunk } from "../../src/chunk/codec.ts";
import { capture } from "../../src/code/capture.ts";
import { localBackend } from "../../src/local/local-backend.ts";

/** A program on the local backend: each of two workers prints lines; then it just ends, closing nothing. */
const backend = localBackend({ processes: 2, memory: "1 GiB", store: process.argv[2] ?? "" });
const print = capture((text: string) => {
  console.log(`out ${text}`);
  console.error(`err ${text}`);
  return process.execArgv.join(" ");
});
const tasks = await Promise.all(
  ["a", "b"].map(async (text, index) => {
    const chunk = await encodeChunk(text);
    if (chunk.kind !== "whole") throw new Error("a small value");
    return { index, attempt: 1, inputs: [[{ inline: chunk.bytes }]] };
  }),
);
backend.invoker.hold(true);
await Promise.all(
  tasks.map((task) =>
    backend.invoker.invoke(
      {
        protocol: 1,
        run: makeRunId("run"),
        id: makeInvocationId(task.index),
        stage: {
          name: nameOf("s"),
          label: "print",
          count: 2,
          singles: [true],
          store: false,
          nonce: "",
        },
        program: {
          id: nameOf(print.id),
          steps: [{ operation: "call", arguments: [{ input: 0 }], functions: [0] }],
          functions: [print],
        },
        tasks: [task],
      },
      new AbortController().signal,
    ),
  ),
);
backend.invoker.hold(false);
