import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { makeChunkKey } from "../../src/base/ids.ts";
import { FileStore } from "../../src/local/file-store.ts";
import { nodeFileSystem } from "../../src/local/file-system.ts";
import { withoutLinks } from "../contract/odd-file-systems.ts";
import { seededRandom } from "../support/random.ts";

/** The store that workers use: several write a key at once, then it is read and deleted. Prints as the simulation does. */
const { values } = parseArgs({ options: { seeds: { type: "string", default: "100" } } });
const seeds = Number(values.seeds);
let violations = 0;
for (let seed = 1; seed <= seeds && violations === 0; seed++) {
  const told = await violationOf(seed);
  if (told === undefined) continue;
  violations++;
  console.log(`seed ${seed}: ${told}`);
}
console.log(`simulation: ${seeds} seeds, ${violations} violations`);
process.exitCode = violations === 0 ? 0 : 1;

/** What one seed finds wrong: one writer must win, all of its bytes be read, and only the version meant be deleted. */
async function violationOf(seed: number): Promise<string | undefined> {
  const random = seededRandom(seed);
  const root = mkdtempSync(path.join(os.tmpdir(), "lambdask-store-"));
  try {
    const store = new FileStore(root, random.below(2) === 0 ? nodeFileSystem : withoutLinks);
    const key = makeChunkKey(`race/${random.below(100)}`);
    const length = 1 + random.below(5000);
    const writers = Array.from({ length: 2 + random.below(3) }, (_, w) =>
      store.putIfAbsent(key, new Uint8Array(length).fill(w + 1)),
    );
    const outcomes = await Promise.all(writers);
    const winners = outcomes.flatMap((outcome, w) => (outcome === "written" ? [w + 1] : []));
    if (winners.length !== 1) return `${winners.length} writers of one key have won`;
    const bytes = await store.get(key);
    if (bytes?.length !== length || bytes.some((byte) => byte !== winners[0])) {
      return "the bytes read are not those of the writer that won";
    }
    const listed = await Array.fromAsync(store.list(""));
    if (listed.length !== 1) return `${listed.length} chunks are listed, one was written`;
    await store.delete(key, "another version");
    if ((await store.get(key)) === undefined) return "a version that was not meant was deleted";
    const deleted = await store.delete(key, listed[0]?.version);
    return deleted && (await store.get(key)) === undefined ? undefined : "a chunk was not deleted";
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
