import { connect, type Future } from "../src/index.ts";
import type { Benchmark } from "./benchmark.ts";
import { instantBackend } from "./schedule/instant-backend.ts";

const slots = 4;
const repetitions = 3;
const few = 1000;
const times = 10;

const call = (x: number, _salt: number): number => x;

type Submit = (of: Future<number> | number) => Future<number>;
type Submitted = readonly Future<number>[];

/** Each future is made from the one before; nobody waits before the last. */
function chain(submit: Submit, count: number): Submitted {
  let last = submit(0);
  for (let i = 1; i < count; i++) last = submit(last);
  return [last];
}

/** All futures are made from the same one. */
function siblings(submit: Submit, count: number): Submitted {
  const shared = submit(0);
  return Array.from({ length: count }, () => submit(shared));
}

/** How much longer ten times as many futures take: the worse of a chain and of calls on one future. */
export const futuresChain: Benchmark = {
  name: "futures-chain",
  describe:
    "processor time of 10,000 submitted calls over that of 1,000 (mean of ten clients), least of three each: the worse of a chain nobody waits for and calls on one future; no task is really run",
  unit: "x",
  // Ten, and what it costs to collect garbage around ten times as many futures that are held.
  atMost: 12,
  async run() {
    let worst = 0;
    for (const make of [chain, siblings]) {
      // The first run of all compiles the code.
      await timeOf(make, few);
      // One after another, so that the machine disturbs both alike.
      let little = Number.POSITIVE_INFINITY;
      let much = Number.POSITIVE_INFINITY;
      for (let run = 0; run < repetitions; run++) {
        let sum = 0;
        for (let k = 0; k < times; k++) sum += await timeOf(make, few);
        little = Math.min(little, sum / times);
        much = Math.min(much, await timeOf(make, times * few));
      }
      worst = Math.max(worst, much / little);
    }
    return worst;
  },
};

/** Milliseconds of this thread's processor time from the first call to the last end, on a client of its own; closing is not counted. */
async function timeOf(make: typeof chain, count: number): Promise<number> {
  const backend = instantBackend(slots, () => undefined);
  await using client = await connect({ backend, progress: "none" });
  let salt = 0;
  // Numbers make equal calls different ones.
  const submit: Submit = (of) => client.submit(call, of, salt++);
  const before = process.threadCpuUsage();
  const futures = make(submit, count);
  for (const future of futures) await future.ended();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
