import { describe, expect, test } from "vitest";
import { chunkKey } from "../../src/backend/chunk-key.ts";
import type { ObjectFacts } from "../../src/backend/object-bucket.ts";
import { nameOf } from "../../src/base/content-name.ts";
import { type ContentName, makeRunId } from "../../src/base/ids.ts";
import { garbageOf } from "../../src/cli/garbage.ts";
import type { Publication } from "../../src/schedule/publications.ts";
import {
  encodeRecord,
  keptName,
  type PublicationId,
  recordName,
  sessionKey,
} from "../../src/schedule/run-record.ts";

const olderThanMs = 1000;
const old = 500;
const young = 1500;

/** A made-up bucket. */
class Objects {
  readonly facts: ObjectFacts[] = [];
  readonly bytes = new Map<string, Uint8Array>();

  add(key: string, modifiedMs: number, bytes: Uint8Array = new Uint8Array(10)): void {
    this.facts.push({ key, modifiedMs, bytes: bytes.length, version: "v" });
    this.bytes.set(key, bytes);
  }

  chunk(name: ContentName, modifiedMs: number): string {
    const key = chunkKey(name, 3);
    this.add(key, modifiedMs);
    return key;
  }

  keptChunk(name: ContentName, modifiedMs: number): string {
    const key = chunkKey(name, 3).replace(/^tmp/, "keep");
    this.add(key, modifiedMs);
    return key;
  }

  published(id: PublicationId, stored: ContentName): void {
    const about = { version: 1, id, name: "numbers", kind: "bag", stored, count: 4 } as const;
    const publication: Publication = { ...about, publishedMs: old };
    const bytes = new TextEncoder().encode(JSON.stringify(publication));
    this.add(`published/${nameOf("numbers")}`, old, bytes);
  }

  run(id: string, heartbeatMs: number, pins: readonly ContentName[] = []): string {
    const run = makeRunId(id);
    const key = recordName(run);
    const owner = { host: "elsewhere", pid: 1, client: "one" };
    const about = { version: 1, run, key: sessionKey(run), name: "futures", owner } as const;
    const record = { ...about, startedMs: 0, heartbeatMs, pins, deleting: [] };
    this.add(key, heartbeatMs, encodeRecord(record));
    return key;
  }

  async garbage(): Promise<string[]> {
    const read = async (key: string) => this.bytes.get(key);
    return (await garbageOf(this.facts, { olderThanMs, read })).map(({ key }) => key).sort();
  }
}

const [one, two, three] = [nameOf(["one"]), nameOf(["two"]), nameOf(["three"])];

describe("what no run needs", () => {
  test("is an old chunk, not a young one", async () => {
    const objects = new Objects();
    const key = objects.chunk(one, old);
    objects.chunk(two, young);
    expect(await objects.garbage()).toEqual([key]);
  });

  test("is not an old chunk that a live run pins or somebody keeps", async () => {
    const objects = new Objects();
    objects.chunk(one, old);
    objects.chunk(two, old);
    objects.run("a-live", young, [one]);
    objects.add(keptName(two, "reuse"), old);
    expect(await objects.garbage()).toEqual([]);
  });

  test("is a run that was not heard of, its journal, and what only it pinned", async () => {
    const objects = new Objects();
    const record = objects.run("a-gone", old, [one]);
    objects.add("runs/a-gone/journal/0", old);
    const chunk = objects.chunk(one, old);
    expect(await objects.garbage()).toEqual([record, "runs/a-gone/journal/0", chunk].sort());
  });

  test("is what was persisted by a run that was not heard of, in both places, and the note that keeps it", async () => {
    const objects = new Objects();
    const gone = objects.run("a-gone", old, [one]);
    objects.run("a-live", young);
    const notes = [keptName(one, makeRunId("a-gone")), keptName(two, makeRunId("a-live"))];
    for (const note of notes) objects.add(note, old);
    // Written a moment ago by a run whose record is being made.
    objects.add(keptName(three, makeRunId("a-new")), young);
    const chunks = [objects.chunk(one, old), objects.keptChunk(one, old)];
    for (const name of [two, three]) objects.keptChunk(name, old);
    expect(await objects.garbage()).toEqual([...chunks, gone, notes[0]].sort());
  });

  test("is not what is published; what a publication has left behind is", async () => {
    const objects = new Objects();
    objects.published("published-now", one);
    objects.add(keptName(one, "published-now"), old);
    objects.keptChunk(one, old);
    const left = keptName(two, "published-before");
    objects.add(left, old);
    const chunk = objects.keptChunk(two, old);
    expect(await objects.garbage()).toEqual([chunk, left].sort());
    // Of a newer version, which may keep anything.
    objects.add("published/strange", old, new TextEncoder().encode("{}"));
    expect(await objects.garbage()).toEqual([]);
  });

  test("is a journal without a record, unless it is young", async () => {
    const objects = new Objects();
    objects.add("runs/a-lost/journal/0", old);
    objects.add("runs/a-new/journal/0", young);
    expect(await objects.garbage()).toEqual(["runs/a-lost/journal/0"]);
  });

  test("is captured data once no run is left that might read it", async () => {
    const objects = new Objects();
    objects.add("blob/ab/abc", old);
    objects.add("inputs/ab/abc", old);
    objects.add("bad/v/tmp/x", old);
    expect(await objects.garbage()).toEqual(["bad/v/tmp/x", "blob/ab/abc", "inputs/ab/abc"]);
    objects.run("a-live", young);
    expect(await objects.garbage()).toEqual(["bad/v/tmp/x"]);
  });

  test("is not a run whose record cannot be read: a newer version may own it", async () => {
    const objects = new Objects();
    objects.add("runs/a-strange/record", old, new TextEncoder().encode("{}"));
    objects.add("blob/ab/abc", old);
    expect(await objects.garbage()).toEqual([]);
  });
});
