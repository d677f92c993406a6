import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { writerId } from "../../src/backend/temporary-name.ts";
import { makeChunkKey } from "../../src/base/ids.ts";
import { type Random, seededRandom } from "../../src/base/seeded-random.ts";
import { withClaim } from "../../src/local/claim.ts";
import { FileRunStore } from "../../src/local/file-run-store.ts";
import { FileStore } from "../../src/local/file-store.ts";
import { nodeFileSystem } from "../../src/local/file-system.ts";
import { withoutLinks } from "../contract/odd-file-systems.ts";
import { runSeeds } from "./run-seeds.ts";

/** The store that workers and clients use, in races that a seed chooses. */
await runSeeds(async (seed) => {
  const random = seededRandom(seed);
  const root = mkdtempSync(path.join(os.tmpdir(), "lambdask-store-"));
  try {
    return (
      (await writersOfOneKey(root, random)) ??
      (await claimantAtTheWorstMoment(root, random)) ??
      (await ownersOfOneLease(root, random))
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

/** One of several must win, all of its bytes be read, and only the version meant be deleted. */
async function writersOfOneKey(root: string, random: Random): Promise<string | undefined> {
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
}

/** A second process comes when the first one is inside: it must wait. So it must beside what dead ones left. */
async function claimantAtTheWorstMoment(root: string, random: Random): Promise<string | undefined> {
  const target = path.join(root, `claimed-${random.below(100)}`);
  const leftovers = random.below(3);
  for (let i = 0; i < leftovers; i++) leaveDeadClaim(target, i);
  const log: string[] = [];
  let second: Promise<unknown> | undefined;
  await withClaim(nodeFileSystem, target, () => {
    log.push("first comes");
    second = withClaim(nodeFileSystem, target, () => log.push("second"));
    log.push("first goes");
  });
  await second;
  const order = log.join();
  return order === "first comes,first goes,second" ? undefined : `two claims of one name: ${order}`;
}

/** What a process leaves that dies with a claim. No process has this id: it is above what systems hand out. */
function leaveDeadClaim(target: string, generation: number): void {
  const claim = path.join(path.dirname(target), `.claim-${generation}-${path.basename(target)}`);
  writeFileSync(claim, writerId.replace(`-${process.pid}-`, `-${2 ** 30}-`));
}

/** Of several that take over one lease, one must get it, and another one only with the version that is there. */
async function ownersOfOneLease(root: string, random: Random): Promise<string | undefined> {
  const runs = new FileRunStore(root);
  const name = `runs/${random.below(100)}/lease`;
  const bytes = (owner: number): Uint8Array => new Uint8Array(1 + random.below(100)).fill(owner);
  const owners = Array.from({ length: 2 + random.below(3) }, (_, i) => i + 1);
  const took = await Promise.all(owners.map((owner) => runs.replace(name, bytes(owner), "")));
  if (took.filter(Boolean).length !== 1) return `${took.filter(Boolean).length} own one lease`;
  const found = await runs.get(name);
  if (found?.bytes[0] !== took.indexOf(true) + 1) return "the lease is not its owner's";
  if (!(await runs.replace(name, bytes(99), found.version))) return "a lease cannot be renewed";
  const isOld = await runs.replace(name, bytes(98), found.version);
  return isOld ? "a lease was taken with a version it no longer has" : undefined;
}
