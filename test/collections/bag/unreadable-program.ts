/**
 * Reads and writes what this user may not, in the folder that it is told: prints what each try threw. Run as a user who
 * is not root, since root may read everything.
 */
import path from "node:path";
import { fromSequence, readJsonLines, readText } from "../../../src/bag.ts";
import { connect } from "../../../src/index.ts";

const [folder = ""] = process.argv.slice(2);
const at = (name: string): string => path.join(folder, name);
await using _client = await connect({ inline: true, store: at("store"), progress: "none" });
const bag = fromSequence(["a", "b"], { partitions: 2 });

const tries: Record<string, () => unknown> = {
  "a text": () => readText(at("secret.txt")).compute(),
  "JSON lines": () => readJsonLines(at("secret.txt"), { blockBytes: 2 }).compute(),
  "a file in a closed folder": () => readText(at("closed/a.txt")).compute(),
  "files in a closed folder": () => readText(at("closed/*.txt")).compute(),
  "files in folders below": () => readText(at("closed*/*.txt")).compute(),
  "files in a folder that may only be listed": () => readText(at("listed/*.txt")).compute(),
  "writing into a folder that may only be read": () => bag.writeText(at("read-only/out-*.txt")),
  "writing into a closed folder": () => bag.writeJsonLines(at("closed/out-*.jsonl")),
  "writing over a file of others": () => bag.writeText(at("read-only/a-*.txt")),
  "making a folder": () => bag.writeText(at("read-only/new/out-*.txt")),
  "a store": () => connect({ inline: true, store: at("read-only/store"), progress: "none" }),
};

const told: Record<string, unknown> = {};
for (const [what, attempt] of Object.entries(tries)) {
  try {
    await attempt();
    told[what] = "nothing was thrown";
  } catch (error) {
    const { name, code, message, fix } = error as Error & { code?: unknown; fix?: unknown };
    told[what] = { name, code, message, fix };
  }
}
console.log(JSON.stringify(told));
