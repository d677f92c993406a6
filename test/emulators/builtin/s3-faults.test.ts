import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { S3Store } from "../../../src/aws/s3-store.ts";
import type { PartRange } from "../../../src/backend/task.ts";
import { makeChunkKey } from "../../../src/base/ids.ts";
import { encodeChunk } from "../../../src/chunk/codec.ts";
import { Partitioned } from "../../../src/chunk/partitioned.ts";
import { InputReader } from "../../../src/worker/input-reader.ts";
import { errorOf } from "../../contract/error-of.ts";
import { type Fault, type FaultPlan, failNth, failShare, slowDown } from "./faults.ts";
import { quickClock } from "./quick-clock.ts";
import { s3Buckets } from "./s3-buckets.ts";
import { objectOf } from "./s3-objects.ts";

const MiB = 2 ** 20;
const partBytes = 8 * MiB;
const patience = { timeout: 30_000 };
const requests: string[] = [];
const s3 = await s3Buckets(
  {},
  { clock: quickClock, onRequest: ({ operation }) => requests.push(operation) },
);
const { log } = s3.emulator;
const key = makeChunkKey("tmp/ab/name/0/0");
const reset: Fault = { kind: "reset" };
const loseAnswer: Fault = { kind: "lose-answer" };
const internal: Fault = { kind: "refuse", status: 500, code: "InternalError" };
const conflict: Fault = { kind: "refuse", status: 409, code: "ConditionalRequestConflict" };

beforeEach(() => {
  s3.emulator.faults = () => undefined;
  log.clear();
  requests.length = 0;
});
afterAll(() => s3[Symbol.asyncDispose]());

/** Bytes of which no two neighbouring parts are alike. */
function patterned(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = i * 31 + (i >> 8) + (i >> 17);
  return bytes;
}

async function* piecesOf(bytes: Uint8Array, pieceBytes = MiB): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}

describe("requests of a store on S3", () => {
  test("are one per chunk written and one per chunk read, and every one is told", async () => {
    const store = new S3Store(s3.bucket());
    await store.putIfAbsent(key, patterned(100));
    await store.putIfAbsent(key, piecesOf(patterned(100), 7));
    await store.get(key);
    await store.getRange(key, { offset: 10, length: 5 });
    await store.getRange(key, { offset: -10, length: 5 });
    expect(log.requests.map(({ operation, status }) => [operation, status])).toEqual([
      ["PutObject", 200],
      ["PutObject", 412],
      ["GetObject", 206],
      ["GetObject", 206],
      ["GetObject", 206],
    ]);
    expect(requests).toEqual(log.requests.map(({ operation }) => operation));
    expect(log.requests[0]?.resource).toMatch(/^arn:aws:s3:::bucket-\d+\/tmp\/ab\/name\/0\/0$/);
  });

  test("are one per 8 MiB of a large chunk, all of one version", async () => {
    const store = new S3Store(s3.bucket());
    const bytes = patterned(3 * partBytes + 5);
    expect(await store.putIfAbsent(key, piecesOf(bytes))).toBe("written");
    expect(log.count("UploadPart")).toBe(4);
    expect(isSame(await store.get(key), bytes)).toBe(true);
    expect(log.count("GetObject")).toBe(4);
  });

  test("of a listing are one per 1000 chunks, and one for those that are kept", async () => {
    const bucket = s3.bucket();
    const store = new S3Store(bucket);
    const keys = Array.from({ length: 1001 }, (_, i) => makeChunkKey(`tmp/ab/name/0/${i}`));
    const stored = s3.emulator.bucket(bucket.name);
    for (const each of keys) stored.put(each, objectOf(Buffer.alloc(0), new Map()), {});
    const found = await Array.fromAsync(store.list("tmp/ab/name/0/"));
    expect(found.map((object) => object.key).sort()).toEqual([...keys].sort());
    expect(log.count("ListObjectsV2")).toBe(3);
    await bucket.deleteAll(keys);
    expect(log.count("DeleteObjects")).toBe(2);
    expect(await Array.fromAsync(store.list(""))).toEqual([]);
  });
});

describe("a store on S3 that goes wrong", () => {
  test("is used to the end when 30% of requests are refused, lost or broken", async () => {
    const seed = 3;
    const store = new S3Store(s3.bucket());
    const share = failShare(0.3, seed, [slowDown, internal, reset, loseAnswer, conflict]);
    s3.emulator.faults = atMost(4, share);
    const keys = Array.from({ length: 100 }, (_, i) => makeChunkKey(`tmp/ab/name/0/${i}`));
    await Promise.all(
      keys.map((each, i) => store.putIfAbsent(each, i % 2 === 0 ? text(i) : piecesOf(text(i)))),
    );
    const read = await Promise.all(keys.map((each) => store.get(each)));
    expect(read.map((bytes) => Buffer.from(bytes ?? []).toString())).toEqual(
      keys.map((_, i) => `chunk ${i}`),
    );
    const refused = log.requests.filter(({ status }) => status === 503);
    expect(refused.length, `seed ${seed}`).toBeGreaterThan(5);
  });

  test("is asked again until it stops asking for a slower pace", async () => {
    const store = new S3Store(s3.bucket());
    const many = Array.from({ length: 50 }, (_, i) => i + 1);
    s3.emulator.faults = failNth("PutObject", many, slowDown);
    expect(await store.putIfAbsent(key, text(1))).toBe("written");
    expect(log.count("PutObject")).toBe(51);
  });

  test("says that a write was done whose answer was lost", async () => {
    const store = new S3Store(s3.bucket());
    s3.emulator.faults = failNth("PutObject", [1], loseAnswer);
    expect(await store.putIfAbsent(key, text(1))).toBe("existed");
    expect(isSame(await store.get(key), text(1))).toBe(true);
    expect(log.requests.map(({ status }) => status)).toEqual([0, 412, 206]);
  });

  test("is written to again after a conflict", async () => {
    const store = new S3Store(s3.bucket());
    s3.emulator.faults = failNth("PutObject", [1, 2], conflict);
    expect(await store.putIfAbsent(key, text(1))).toBe("written");
  });

  test("is read again when an answer breaks off", async () => {
    const store = new S3Store(s3.bucket());
    const bytes = patterned(2 * partBytes);
    await store.putIfAbsent(key, bytes);
    s3.emulator.faults = failNth("GetObject", [1, 3], { kind: "cut", afterBytes: 100_000 });
    expect(isSame(await store.get(key), bytes)).toBe(true);
    expect(log.count("GetObject")).toBe(4);
  });

  test("gives up after six tries on what does not pass", async () => {
    const store = new S3Store(s3.bucket());
    s3.emulator.faults = () => internal;
    await expect(store.get(key)).rejects.toThrow("InternalError");
    expect(log.count("GetObject")).toBe(6);
  });

  test("lets one of 32 writers win while requests are lost and refused", async () => {
    const bucket = s3.bucket();
    const store = new S3Store(bucket);
    // Tried six times, a write that is so often unlucky is one in millions.
    s3.emulator.faults = failShare(0.2, 11, [slowDown, slowDown, loseAnswer, conflict]);
    const outcomes = await Promise.all(
      Array.from({ length: 32 }, (_, i) => store.putIfAbsent(key, Uint8Array.of(i, i, i))),
    );
    s3.emulator.faults = () => undefined;
    const winner = outcomes.indexOf("written");
    const stored = [...((await store.get(key)) ?? [])];
    // If the winner's own answer was lost, nobody calls itself the writer.
    expect(outcomes.filter((outcome) => outcome === "written").length).toBeLessThanOrEqual(1);
    if (winner >= 0) expect(stored).toEqual([winner, winner, winner]);
    else expect(stored).toHaveLength(3);
  });

  test("names its bucket and what to do where no try can help", async () => {
    const error = await errorOf(new S3Store(s3.open("no-such-bucket")).get(key));
    expect(error.code).toBe("STORE");
    expect(error.message).toContain("s3://no-such-bucket");
    expect(error.fix).toContain("stack");
    s3.emulator.faults = () => ({ kind: "refuse", status: 403, code: "AccessDenied" });
    const denied = await errorOf(new S3Store(s3.bucket()).putIfAbsent(key, text(1)));
    expect(denied.message).toContain("no permission");
  });
});

describe("a delete of one version", () => {
  test("is refused if another one was written after we looked", async () => {
    const bucket = s3.bucket();
    await bucket.put({ key }, text(1));
    const version = (await bucket.head(key))?.version ?? "";
    s3.emulator.faults = ({ operation }) => {
      if (operation !== "DeleteObject") return undefined;
      const other = objectOf(Buffer.from("another"), new Map());
      s3.emulator.bucket(bucket.name).put(key, other, {});
      return undefined;
    };
    expect(await bucket.deleteVersion(key, version)).toBe(false);
    expect((await bucket.head(key))?.bytes).toBe(7);
  });

  test("is done by a server that knows no conditions of deletes", async () => {
    const bucket = s3.bucket();
    await bucket.put({ key }, text(1));
    const version = (await bucket.head(key))?.version ?? "";
    const refused: Fault = { kind: "refuse", status: 501, code: "NotImplemented" };
    s3.emulator.faults = failNth("DeleteObject", [1, 2], refused);
    expect(await bucket.deleteVersion(key, "another version")).toBe(false);
    expect(await bucket.deleteVersion(key, version)).toBe(true);
    expect(await bucket.head(key)).toBeUndefined();
  });
});

describe("a chunk written as a stream in parts", () => {
  test("survives refused and lost parts", async () => {
    const store = new S3Store(s3.bucket());
    const bytes = patterned(4 * partBytes + 9);
    let part = 0;
    const faults = [slowDown, reset, internal, loseAnswer];
    s3.emulator.faults = ({ operation }) =>
      operation === "UploadPart" ? faults[part++] : undefined;
    expect(await store.putIfAbsent(key, piecesOf(bytes, 300_001))).toBe("written");
    expect(log.count("UploadPart")).toBe(5 + 4);
    expect(isSame(await store.get(key), bytes)).toBe(true);
  });

  test("is not written over what is there, and leaves no parts", async () => {
    const bucket = s3.bucket();
    const store = new S3Store(bucket);
    await store.putIfAbsent(key, text(1));
    expect(await store.putIfAbsent(key, piecesOf(patterned(2 * partBytes)))).toBe("existed");
    expect(isSame(await store.get(key), text(1))).toBe(true);
    expect(s3.emulator.bucket(bucket.name).uploads()).toEqual([]);
  });

  test("is done if it was completed and the answer lost", async () => {
    const bucket = s3.bucket();
    const store = new S3Store(bucket);
    const bytes = patterned(2 * partBytes);
    s3.emulator.faults = failNth("CompleteMultipartUpload", [1], loseAnswer);
    expect(await store.putIfAbsent(key, piecesOf(bytes))).toBe("existed");
    expect(isSame(await store.get(key), bytes)).toBe(true);
    expect(s3.emulator.bucket(bucket.name).uploads()).toEqual([]);
  });

  test("is completed again after a conflict", async () => {
    const store = new S3Store(s3.bucket());
    const bytes = patterned(2 * partBytes);
    s3.emulator.faults = failNth("CompleteMultipartUpload", [1], conflict);
    expect(await store.putIfAbsent(key, piecesOf(bytes))).toBe("written");
  });

  test("that the service gives up for another write it met is as good as there", async () => {
    const bucket = s3.bucket();
    const store = new S3Store(bucket);
    const lost: Fault = { kind: "refuse", status: 404, code: "NoSuchUpload" };
    s3.emulator.faults = failNth("CompleteMultipartUpload", [1, 2], lost);
    const alone = store.putIfAbsent(key, piecesOf(patterned(2 * partBytes)));
    await expect(alone).rejects.toThrow("NoSuchUpload");
    await bucket.put({ key }, text(1));
    expect(await store.putIfAbsent(key, piecesOf(patterned(2 * partBytes)))).toBe("existed");
    expect(isSame(await store.get(key), text(1))).toBe(true);
  });

  test("leaves no parts when what feeds it throws or a signal ends it", async () => {
    const bucket = s3.bucket();
    const store = new S3Store(bucket);
    async function* breaking(): AsyncGenerator<Uint8Array> {
      yield* piecesOf(patterned(2 * partBytes));
      throw new RangeError("the user's own");
    }
    await expect(store.putIfAbsent(key, breaking())).rejects.toThrow(RangeError);
    const stop = new AbortController();
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (let i = 0; ; i++) {
        if (i === 20) stop.abort(new Error("enough"));
        yield new Uint8Array(MiB);
      }
    }
    await expect(store.putIfAbsent(key, endless(), stop.signal)).rejects.toThrow("enough");
    expect(await store.get(key)).toBeUndefined();
    await expect.poll(() => s3.emulator.bucket(bucket.name).uploads(), patience).toEqual([]);
  });

  test("ends, and takes nothing more, when a part is refused for good", async () => {
    const bucket = s3.bucket();
    const store = new S3Store(bucket);
    const denied: Fault = { kind: "refuse", status: 403, code: "AccessDenied" };
    s3.emulator.faults = ({ operation }) => (operation === "UploadPart" ? denied : undefined);
    let taken = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        taken += MiB;
        yield new Uint8Array(MiB);
      }
    }
    expect((await errorOf(store.putIfAbsent(key, endless()))).code).toBe("STORE");
    expect(taken).toBeLessThanOrEqual(5 * partBytes);
    expect(s3.emulator.bucket(bucket.name).uploads()).toEqual([]);
  });

  test("takes no more from the stream than three parts ahead of the server", async () => {
    const store = new S3Store(s3.bucket());
    let release = (): void => {};
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    s3.emulator.faults = ({ operation }) =>
      operation === "UploadPart" ? { kind: "hold", until } : undefined;
    let taken = 0;
    async function* fed(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 64; i++) {
        taken += MiB;
        yield new Uint8Array(MiB);
      }
    }
    const written = store.putIfAbsent(key, fed());
    const parts = (): string[] => requests.filter((each) => each === "UploadPart");
    await expect.poll(parts, patience).toHaveLength(2);
    // Time enough for an upload that does not wait to take everything.
    for (let i = 0; i < 1000; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toBeLessThanOrEqual(3 * partBytes + MiB);
    release();
    expect(await written).toBe("written");
    expect(taken).toBe(64 * MiB);
  });
});

describe("bytes that are not what was written", () => {
  const never = new AbortController().signal;
  const pieces = ["first".repeat(100), "second".repeat(100)];

  async function stored(): Promise<{ reader: InputReader; parts: readonly PartRange[] }> {
    const chunk = await encodeChunk(new Partitioned(2, pieces), { wholeBytesMax: MiB });
    if (chunk.kind !== "whole") throw new Error("a small chunk");
    const store = new S3Store(s3.bucket());
    await store.putIfAbsent(key, chunk.bytes);
    const parts = (chunk.summary.parts ?? []).map((part, i) => ({ part: i, ...part }));
    return { reader: new InputReader({ store, signal: never, now: () => 0 }), parts };
  }

  test("are noticed wherever they lie in a part that is read by its range", async () => {
    const { reader, parts } = await stored();
    const [first, second] = parts;
    if (first?.length === undefined || second === undefined) throw new Error("two parts");
    expect(await reader.read({ key, part: second })).toBe(pieces[1]);
    for (let at = 0; at < first.length; at += 7) {
      s3.emulator.faults = () => ({ kind: "flip", at });
      const read = Promise.resolve(reader.read({ key, part: first }));
      await expect(read, `byte ${at}`).rejects.toMatchObject({
        failure: { kind: "corrupt-input" },
      });
    }
    s3.emulator.faults = () => undefined;
    expect(await reader.read({ key, part: first })).toBe(pieces[0]);
  });

  test("are noticed in the footer that says where the parts lie", async () => {
    const { reader } = await stored();
    s3.emulator.faults = () => ({ kind: "flip", at: -20 });
    const read = Promise.resolve(reader.read({ key, part: { part: 1 } }));
    await expect(read).rejects.toMatchObject({ failure: { kind: "corrupt-input" } });
    s3.emulator.faults = () => undefined;
    expect(await reader.read({ key, part: { part: 1 } })).toBe(pieces[1]);
  });

  test("are refused by the server when they are written", async () => {
    const bucket = s3.bucket();
    const seen = await putWithWrongChecksum(s3.endpoint, bucket.name);
    expect(seen).toBe(400);
    expect(await bucket.head(key)).toBeUndefined();
  });
});

/** What the server says to a body that differs from its checksum. */
async function putWithWrongChecksum(endpoint: string, bucket: string): Promise<number> {
  const headers = {
    authorization: "AWS4-HMAC-SHA256 test",
    "x-amz-checksum-crc32": "AAAAAA==",
  };
  const url = `${endpoint}/${bucket}/${key}`;
  return (await fetch(url, { method: "PUT", headers, body: "damaged" })).status;
}

/** A plan that spares what it has failed so often: a store may give up after six tries of the same. */
function atMost(times: number, plan: FaultPlan): FaultPlan {
  const failed = new Map<string, number>();
  return (request) => {
    const what = `${request.operation} ${request.resource}`;
    const before = failed.get(what) ?? 0;
    const fault = before < times ? plan(request) : undefined;
    if (fault !== undefined) failed.set(what, before + 1);
    return fault;
  };
}

function text(i: number): Uint8Array {
  return Buffer.from(`chunk ${i}`);
}
