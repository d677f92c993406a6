import { makeChunkKey } from "../../src/base/ids.ts";
import { FileStore } from "../../src/local/file-store.ts";
import { nodeFileSystem } from "../../src/local/file-system.ts";
import { withoutLinks } from "../contract/odd-file-systems.ts";

/** A process that writes 100 keys of a store, each with bytes of its own, and prints which of them it won. */
const [, , root = "", writer = "", links = ""] = process.argv;
const store = new FileStore(root, links === "refused" ? withoutLinks : nodeFileSystem);
const won: number[] = [];
for (let i = 0; i < 100; i++) {
  const bytes = new Uint8Array(1000).fill(Number(writer));
  const outcome = await store.putIfAbsent(makeChunkKey(`race/${i}`), bytes);
  if (outcome === "written") won.push(i);
}
console.log(JSON.stringify(won));
