import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { protocolVersion } from "../src/backend/task.ts";
import { nameOf } from "../src/base/content-name.ts";
import { makeInvocationId, makeRunId } from "../src/base/ids.ts";
import { localBackend } from "../src/local/local-backend.ts";

/** Prints the most memory that a fresh worker has had after one empty task: the largest of five. */
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-reserved-"));
const peaks: number[] = [];
for (let i = 0; i < 5; i++) {
  const backend = localBackend({ processes: 1, memory: "1 GiB", store: folder });
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
        singles: [],
        store: false,
        nonce: "",
      },
      program: {
        id: nameOf("program"),
        steps: [{ operation: "pick", arguments: [] }],
        functions: [],
      },
      tasks: [{ index: 0, attempt: 1, inputs: [] }],
    },
    new AbortController().signal,
  );
  for (const result of outcome.results) peaks.push(result.measures.peakBytes);
  if (outcome.kind === "lost") throw new Error(JSON.stringify(outcome.failure));
  await backend.close();
}
fs.rmSync(folder, { recursive: true });
console.log(`${Math.max(...peaks)} bytes, the largest of ${peaks.join(", ")}`);
