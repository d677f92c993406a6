import path from "node:path";
import { expect, test } from "vitest";
import { seededRandom } from "../../../src/base/seeded-random.ts";
import { temporaryFolder } from "../../client/support.ts";
import { builtinCloud } from "../builtin-cloud.ts";
import { countedTasks, KilledProgram } from "../killed-program.ts";
import { startCounter } from "./observed.ts";

const folder = temporaryFolder();
const kills = 10;

test("a client killed at ten random moments and started again gives the right result and repeats only what was in flight", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.log(`seed ${seed}`);
  const random = seededRandom(seed);
  await using cloud = await builtinCloud();
  let killed = 0;
  for (let number = 0; killed < kills; number++) {
    await cloud.fresh();
    await using counter = await startCounter();
    const file = (name: string): string => path.join(folder.path, `${name}-${number}`);
    const options = { ...cloud.options, store: file("store") };
    const round = new KilledProgram(options, counter, file("in-flight"));
    while (await round.run(killed < kills ? 1 + random.below(12) : Infinity, random.below(60))) {
      killed += 1;
    }
    const lost = round.lost.reduce((a, b) => a + b, 0);
    console.log(`in flight at kills: ${round.lost.join(", ")}; executions ${round.executions}`);
    expect(round.executions).toBeGreaterThanOrEqual(countedTasks);
    expect(round.executions).toBeLessThanOrEqual(countedTasks + lost + round.backups);
  }
});
