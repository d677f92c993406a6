import type { Benchmark } from "./benchmark.ts";
import { type BenchedLambda, benchedLambda, invocationOf } from "./cloud/calls.ts";

const warmUp = 3000;
const rounds = 5;
const calls = 1000;
const atOnce = 16;

async function invokeMany({ invoker }: BenchedLambda, count: number): Promise<void> {
  const { signal } = new AbortController();
  let next = 0;
  const loop = async (): Promise<void> => {
    while (next < count) {
      const outcome = await invoker.invoke(invocationOf(next++), signal);
      if (outcome.kind === "lost") throw new Error(JSON.stringify(outcome.failure));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, loop));
}

/** What one call of Lambda costs the client's processor: message, signature, connection, reply. */
export const clientInvoke: Benchmark = {
  name: "client-invoke",
  describe:
    "client CPU per invocation of one small task, 16 at once, without TLS, against a server in another process that answers at once; the best of 5 rounds of 1,000, since other load only adds",
  unit: "ms",
  atMost: 0.7,
  async run() {
    await using lambda = await benchedLambda();
    await invokeMany(lambda, warmUp);
    const took: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const before = process.cpuUsage();
      await invokeMany(lambda, calls);
      const { user, system } = process.cpuUsage(before);
      took.push((user + system) / 1000 / calls);
    }
    return Math.min(...took);
  },
};
