// Runs the whole matrix as a plain program would and prints what became of each case, one JSON line each.
import { Remote } from "../support/remote.ts";
import { allCases } from "./all.ts";
import { runCase } from "./run-case.ts";

await using remote = new Remote(process.execArgv);
for (const one of allCases) {
  console.log(JSON.stringify([one.name, await runCase(one, remote)]));
}
