/** Reads the records of a file that is one part, one by one: `read-records.ts FILE STORE`. Prints its own peak. */
import { readText } from "../../../src/bag.ts";
import { connect } from "../../../src/index.ts";

const [file = "", store = ""] = process.argv.slice(2);
await using _client = await connect({ processes: 1, memory: "1 GiB", store, progress: "none" });
let records = 0;
let chars = 0;
for await (const line of readText(file, { blockBytes: "1 GiB" }).records()) {
  records += 1;
  chars += line.length;
}
const peakBytes = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ records, chars, peakBytes }));
