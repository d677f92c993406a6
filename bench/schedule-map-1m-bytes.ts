import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Benchmark } from "./benchmark.ts";
import { mapAndTree } from "./schedule/expressions.ts";
import { planAndSubmit, type Submitted } from "./schedule/run-plan.ts";

const tasks = 1_000_000;
/** Invocations between two looks. */
const lookEvery = 10;

/** The most bytes held at once while a million mapped tasks and their tree are scheduled. */
export const scheduleMap1mBytes: Benchmark = {
  name: "schedule-map-1m-bytes",
  describe:
    "largest heap and ArrayBuffers held while scheduling 1,000,000 mapped tasks and their tree, per task",
  unit: "bytes/task",
  atMost: 100,
  async run() {
    // The first run of all compiles the code, which is then not counted.
    await finish(planAndSubmit(mapAndTree(1000)));
    const before = heldBytes();
    let most = 0;
    let invocations = 0;
    const submitted = planAndSubmit(mapAndTree(tasks), () => {
      if (invocations++ % lookEvery === 0) most = Math.max(most, heldBytes());
    });
    await finish(submitted);
    return (most - before) / tasks;
  },
};

async function finish({ driver, handle }: Submitted): Promise<void> {
  const [outcome] = await handle.outcomes;
  if (outcome?.kind !== "done") throw new Error(`the work ended as ${outcome?.kind}`);
  await driver.close();
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function heldBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
