// A tree sum on a cloud whose tasks note each execution, and whose client notes what is in flight. It is killed and
// started again.
import { awsBackend } from "../../../src/aws/aws-backend.ts";
import type { AwsOptions } from "../../../src/aws/aws-options.ts";
import { connect, delayed } from "../../../src/index.ts";
import { countInFlight } from "../../scenario/programs/count-in-flight.ts";

const [options = "", counter = "", inFlight = ""] = process.argv.slice(2);
const leaves = 60;
const fanIn = 8;

// Values too large for a reply are stored; the others ride in the journal.
const leaf = delayed(async (i: number) => {
  await fetch(`${counter}leaf-${i}`);
  await new Promise((resolve) => setTimeout(resolve, 30));
  return new Float64Array(i % 2 === 0 ? 10 : 10_000).fill(i);
});
const sum = delayed(async (arrays: readonly Float64Array[], name: string) => {
  await fetch(`${counter}sum-${name}`);
  return Float64Array.of(arrays.reduce((total, [first = Number.NaN]) => total + first, 0));
});

const backend = await awsBackend(JSON.parse(options) as AwsOptions).open();
await using _client = await connect({
  progress: "none",
  backend: countInFlight(backend, inFlight),
});
let level = Array.from({ length: leaves }, (_, i) => leaf(i));
while (level.length > 1) {
  const groups = Array.from({ length: Math.ceil(level.length / fanIn) }, (_, i) =>
    level.slice(i * fanIn, (i + 1) * fanIn),
  );
  level = groups.map((group, i) => sum(group, `${level.length}-${i}`));
}
const [root] = level;
console.log(`result ${(await root?.compute())?.[0]}`);
