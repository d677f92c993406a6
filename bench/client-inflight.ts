import type { Benchmark } from "./benchmark.ts";
import { benchedLambda, invocationOf } from "./cloud/calls.ts";

const calls = 1000;

/** Memory that a thousand calls take in the client while all of them wait for their replies. */
export const clientInflight: Benchmark = {
  name: "client-inflight",
  describe:
    "resident memory of the client with 1,000 invocations under way, above the idle client, against a server in another process that holds them",
  unit: "MB",
  atMost: 300,
  async run() {
    await using lambda = await benchedLambda(calls);
    const { signal } = new AbortController();
    const idle = process.memoryUsage.rss();
    const invoking = Array.from({ length: calls }, (_, i) =>
      lambda.invoker.invoke(invocationOf(i), signal),
    );
    await lambda.allHeld;
    const busy = process.memoryUsage.rss();
    lambda.letGo();
    for (const outcome of await Promise.all(invoking)) {
      if (outcome.kind === "lost") throw new Error(JSON.stringify(outcome.failure));
    }
    return (Math.max(busy, process.memoryUsage.rss()) - idle) / 1e6;
  },
};
