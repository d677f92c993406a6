// A tree sum whose tasks note each execution, and whose client notes what is in flight. It is killed and started again.
import { appendFileSync } from "node:fs";
import { connect, delayed } from "../../../src/index.ts";
import { localBackend } from "../../../src/local/local-backend.ts";
import { countInFlight } from "./count-in-flight.ts";

const [store = "", executions = "", inFlight = "", leafMs = "50"] = process.argv.slice(2);
const leaves = 120;
const fanIn = 8;

const leaf = delayed((i: number) => {
  appendFileSync(executions, `leaf ${i}\n`);
  const until = performance.now() + Number(leafMs);
  while (performance.now() < until) Math.sqrt(i);
  return i;
});
const sum = delayed((xs: readonly number[], name: string) => {
  appendFileSync(executions, `sum ${name}\n`);
  return xs.reduce((a, b) => a + b, 0);
});

await using _client = await connect({
  progress: "none",
  backend: countInFlight(localBackend({ processes: 2, store }), inFlight),
});
let level = Array.from({ length: leaves }, (_, i) => leaf(i));
while (level.length > 1) {
  const groups = Array.from({ length: Math.ceil(level.length / fanIn) }, (_, i) =>
    level.slice(i * fanIn, (i + 1) * fanIn),
  );
  level = groups.map((group, i) => sum(group, `${level.length}/${i}`));
}
const [root] = level;
console.log(`result ${await root?.compute()}`);
