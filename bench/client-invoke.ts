import type { Benchmark } from "./benchmark.ts";
import { benchedLambda, cpuPerCall } from "./cloud/calls.ts";

/** What one call of Lambda costs the client's processor: message, signature, connection, reply. */
export const clientInvoke: Benchmark = {
  name: "client-invoke",
  describe:
    "client CPU per invocation of one small task, 16 at once, without TLS, against a server in another process that answers at once; the best of 5 rounds of 1,000, since other load only adds",
  unit: "ms",
  atMost: 0.7,
  async run() {
    await using lambda = await benchedLambda();
    return await cpuPerCall(lambda);
  },
};
