// Tasks whose results fill the disk that holds the store; then there is room again. Says what came of each part.
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { compute, connect, delayed, isLambdaskError } from "../../../src/index.ts";
import { localBackend } from "../../../src/local/local-backend.ts";
import { countInFlight } from "./count-in-flight.ts";

const [disk = "", executions = "", freeBytes = "", resultBytes = ""] = process.argv.slice(2);
const filler = path.join(disk, "filler");
const count = 40;

/** Takes what is free of the disk but `left` bytes. */
function fill(left: number): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(filler, new Uint8Array(bavail * bsize - left));
}

function executed(): number {
  return existsSync(executions) ? readFileSync(executions, "utf8").split("\n").length - 1 : 0;
}

const inFlight = `${executions}-in-flight`;
const backend = localBackend({ processes: 2, store: path.join(disk, "store") });
await using client = await connect({
  progress: "none",
  backend: countInFlight(backend, inFlight),
});
const kept = await delayed(() => "k".repeat(100_000))().persist();
const make = delayed((i: number, length: number) => {
  appendFileSync(executions, `${i}\n`);
  return String(i).padEnd(length, ".");
});
const made = Array.from({ length: count }, (_, i) => make(i, Number(resultBytes)));
fill(Number(freeBytes));
try {
  await compute(...made);
  console.log("no error");
} catch (error) {
  if (!isLambdaskError(error)) throw error;
  console.log(`${error.code}: ${error.message}`);
}
const before = executed();
// Another worker may not have answered yet, and what it then does may be too late to be saved.
const notes = existsSync(inFlight) ? readFileSync(inFlight, "utf8").split("\n") : [];
const open = notes.reduce((sum, note) => sum + Number(note), 0);
const stored = readdirSync(path.join(disk, "store"), { recursive: true, encoding: "utf8" })
  .map((name) => path.join(disk, "store", name))
  .filter((file) => statSync(file).isFile() && statSync(file).size > 90_000).length;
rmSync(filler);
// The text that was kept before is one of the stored chunks.
console.log(`kept ${(await kept.compute()).length}`);
const values = await compute(...made);
console.log(`values ${values.filter((value, i) => value.startsWith(`${i}.`)).length}`);
console.log(`unsaved ${before - (stored - 1) + open} repeated ${executed() - count}`);
console.log(await client.submit(() => "alive").result());
