// A bag of stored chunks, grouped into as many parts as the measured bytes ask for: its later stages are added when the
// first have run. Tasks note each execution, the client what is in flight. It is killed and started again.
import { appendFileSync } from "node:fs";
import { fromSequence } from "../../../src/bag.ts";
import { connect } from "../../../src/index.ts";
import { localBackend } from "../../../src/local/local-backend.ts";
import { countInFlight } from "./count-in-flight.ts";

const [store = "", executions = "", inFlight = ""] = process.argv.slice(2);
const leaves = 60;
const leafMs = 30;

await using _client = await connect({
  progress: "none",
  backend: countInFlight(localBackend({ processes: 2, store }), inFlight),
});
const work = (): void => {
  const until = performance.now() + leafMs;
  while (performance.now() < until) Math.sqrt(until);
};
const groups = fromSequence(
  Array.from({ length: leaves }, (_, i) => i),
  { partitions: leaves },
)
  .map((i) => {
    appendFileSync(executions, `leaf ${i}\n`);
    work();
    return { i, text: String(i).padEnd(50_000, ".") };
  })
  .groupBy(({ i }) => i % 7)
  .map(([key, rows]) => {
    // A task may have several groups: one of them counts it.
    if (key === 0) appendFileSync(executions, "group 0\n");
    work();
    return rows.reduce((sum, { i, text }) => sum + i + text.length, 0);
  });
const sums = await groups.compute();
console.log(`result ${sums.reduce((a, b) => a + b, 0)}`);
