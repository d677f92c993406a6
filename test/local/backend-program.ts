import { capture } from "../../src/code/capture.ts";
import { localBackend } from "../../src/local/local-backend.ts";
import { calls } from "../support/calls.ts";

/** A program on the local backend: each of two workers prints lines; then it just ends, closing nothing. */
const backend = localBackend({ processes: 2, memory: "1 GiB", store: process.argv[2] ?? "" });
const print = capture((text: string) => {
  console.log(`out ${text}`);
  console.error(`err ${text}`);
  return process.execArgv.join(" ");
});
backend.invoker.hold(true);
await Promise.all(
  ["a", "b"].map((text) =>
    backend.invoker.invoke(calls(print, [text]), new AbortController().signal),
  ),
);
backend.invoker.hold(false);
