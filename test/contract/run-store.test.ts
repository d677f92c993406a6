import { afterAll, describe, expect, test } from "vitest";
import { S3RunStore } from "../../src/aws/s3-run-store.ts";
import { realClock } from "../../src/backend/real-clock.ts";
import type { RunStore } from "../../src/backend/run-store.ts";
import { FileRunStore } from "../../src/local/file-run-store.ts";
import { MemoryRunStore } from "../../src/local/memory-store.ts";
import { s3Target } from "../emulators/s3-target.ts";
import { shortTransfers } from "./odd-file-systems.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const s3 = await s3Target();
afterAll(() => s3[Symbol.asyncDispose]());

const implementations: Record<string, (folder: string) => RunStore | Promise<RunStore>> = {
  memory: () => new MemoryRunStore(),
  files: (folder) => new FileRunStore(folder),
  "files moved 3 bytes at a time": (folder) => new FileRunStore(folder, shortTransfers),
  [`S3 on ${s3.name}`]: async (folder) =>
    new S3RunStore({
      bucket: await s3.bucket(),
      local: new FileRunStore(folder),
      clock: realClock,
    }),
};

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function textOf(store: RunStore, name: string): Promise<string | undefined> {
  const found = await store.get(name);
  return found === undefined ? undefined : new TextDecoder().decode(found.bytes);
}

describe.each(Object.entries(implementations))("a run store of %s", (_, make) => {
  test("appends, making the file", async () => {
    using folder = temporaryFolder();
    const store = await make(folder.path);
    await store.append("runs/one/journal", bytes("first "));
    await store.append("runs/one/journal", bytes("second"));
    expect(await textOf(store, "runs/one/journal")).toBe("first second");
  });

  test("replaces whole files, and goes on appending to the new one", async () => {
    using folder = temporaryFolder();
    const store = await make(folder.path);
    await store.append("runs/one/journal", bytes("old"));
    expect(await store.replace("runs/one/journal", bytes("new"))).toBe(true);
    await store.append("runs/one/journal", bytes("er"));
    expect(await textOf(store, "runs/one/journal")).toBe("newer");
  });

  test("replaces a version only while the file has it", async () => {
    using folder = temporaryFolder();
    const store = await make(folder.path);
    expect(await store.replace("lease", bytes("a"), "")).toBe(true);
    expect(await store.replace("lease", bytes("b"), "")).toBe(false);
    const first = (await store.get("lease"))?.version;
    expect(await store.replace("lease", bytes("second"), first)).toBe(true);
    expect(await store.replace("lease", bytes("third"), first)).toBe(false);
    expect(await textOf(store, "lease")).toBe("second");
  });

  test("lets one of 16 replacements of a version win", async () => {
    using folder = temporaryFolder();
    const store = await make(folder.path);
    const outcomes = await Promise.all(
      Array.from({ length: 16 }, (_, writer) => store.replace("lease", bytes(`${writer}`), "")),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(await textOf(store, "lease")).toBe(`${outcomes.indexOf(true)}`);
  });

  test("deletes a version only while the file has it", async () => {
    using folder = temporaryFolder();
    const store = await make(folder.path);
    expect(await store.deleteVersion("shared/name", "none")).toBe(false);
    await store.replace("shared/name", bytes("first"), "");
    const first = (await store.get("shared/name"))?.version ?? "";
    await store.replace("shared/name", bytes("second one"), first);
    expect(await store.deleteVersion("shared/name", first)).toBe(false);
    expect(await textOf(store, "shared/name")).toBe("second one");
    const second = (await store.get("shared/name"))?.version ?? "";
    expect(await store.deleteVersion("shared/name", second)).toBe(true);
    expect(await store.deleteVersion("shared/name", second)).toBe(false);
    expect(await store.list("shared/")).toEqual([]);
    await store.append("a/journal", bytes("x"));
    const journal = (await store.get("a/journal"))?.version ?? "";
    await store.append("a/journal", bytes("y"));
    expect(await store.deleteVersion("a/journal", journal)).toBe(false);
    const grown = (await store.get("a/journal"))?.version ?? "";
    expect(await store.deleteVersion("a/journal", grown)).toBe(true);
    expect(await store.get("a/journal")).toBeUndefined();
  });

  test("lists by prefix and deletes", async () => {
    using folder = temporaryFolder();
    const store = await make(folder.path);
    for (const name of ["runs/a/journal", "runs/a/record", "runs/b/record"]) {
      await store.append(name, bytes("x"));
    }
    expect([...(await store.list("runs/a/"))].sort()).toEqual(["runs/a/journal", "runs/a/record"]);
    expect(await store.list("runs/")).toHaveLength(3);
    await store.delete("runs/a/journal");
    await store.delete("runs/a/journal");
    expect(await store.list("runs/a/")).toEqual(["runs/a/record"]);
    expect(await store.get("runs/a/journal")).toBeUndefined();
    await store.append("runs/a/journal", bytes("anew"));
    expect(await textOf(store, "runs/a/journal")).toBe("anew");
  });
});
