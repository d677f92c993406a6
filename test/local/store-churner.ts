import { makeChunkKey } from "../../src/base/ids.ts";
import { FileRunStore } from "../../src/local/file-run-store.ts";
import { FileStore } from "../../src/local/file-store.ts";

/** A process that writes, reads and deletes chunks and records again and again, in folders that others use too. */
const [, , root = "", writer = ""] = process.argv;
const store = new FileStore(root);
const runs = new FileRunStore(root);
const bytes = new Uint8Array(100).fill(Number(writer));
for (let i = 0; i < 300; i++) {
  const key = makeChunkKey(`churn/a/b/${writer}-${i}`);
  const written = await store.putIfAbsent(key, bytes);
  const read = await store.get(key);
  const deleted = await store.delete(key);
  if (written !== "written" || read?.length !== 100 || !deleted) {
    throw new Error(`${key}: ${written}, ${read?.length} bytes, deleted: ${deleted}`);
  }
  const name = `runs/shared/${writer}`;
  runs.append(name, bytes);
  if (!(await runs.replace(name, bytes))) throw new Error(`${name} could not be replaced`);
  await runs.delete(name);
}
runs.close();
