import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { S3RunStore } from "../../src/aws/s3-run-store.ts";
import type { ObjectBucket } from "../../src/backend/object-bucket.ts";
import { MemoryRunStore } from "../../src/local/memory-store.ts";
import { failNth, slowDown } from "../emulators/builtin/faults.ts";
import { quickClock } from "../emulators/builtin/quick-clock.ts";
import { s3Buckets } from "../emulators/builtin/s3-buckets.ts";
import { type VirtualClock, virtualClock } from "../local/virtual-clock.ts";

const s3 = await s3Buckets({}, { clock: quickClock });
const { log } = s3.emulator;
const journal = "runs/one/journal";
const patience = { timeout: 30_000 };

beforeEach(() => {
  s3.emulator.faults = () => undefined;
  log.clear();
});
afterAll(() => s3[Symbol.asyncDispose]());

/** A machine with files of its own, on a bucket. */
function machine(bucket: ObjectBucket): {
  readonly clock: VirtualClock;
  readonly local: MemoryRunStore;
  /** A process on it. */
  start(): S3RunStore;
} {
  const clock = virtualClock();
  const local = new MemoryRunStore();
  return { clock, local, start: () => new S3RunStore({ bucket, local, clock }) };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function textOf(
  store: { get(name: string): Promise<{ readonly bytes: Uint8Array } | undefined> },
  name: string = journal,
): Promise<string | undefined> {
  const found = await store.get(name);
  return found && new TextDecoder().decode(found.bytes);
}

/** Waits until the bucket has so many segments. */
async function copied(bucket: ObjectBucket, segments: number): Promise<void> {
  const keys = (): string[] => s3.emulator.bucket(bucket.name).keys();
  await expect
    .poll(() => keys().filter((key) => key.includes("@")), patience)
    .toHaveLength(segments);
}

describe("a journal on S3", () => {
  test("costs no request while its run is shorter than half a minute", async () => {
    const { clock, start } = machine(s3.bucket());
    const store = start();
    for (let i = 0; i < 100; i++) await store.append(journal, bytes(`${i} `));
    clock.pass(29_999);
    expect(await textOf(store)).toMatch(/^0 1 .* 99 $/);
    await store.delete(journal);
    expect(log.requests).toEqual([]);
  });

  test("is copied once per half minute, only what is new", async () => {
    const bucket = s3.bucket();
    const { clock, start } = machine(bucket);
    const store = start();
    for (let minute = 0; minute < 2; minute++) {
      for (let i = 0; i < 10; i++) await store.append(journal, bytes(`${minute}${i} `));
      clock.pass(30_000);
      await copied(bucket, minute + 1);
    }
    clock.pass(600_000);
    expect(log.count("PutObject")).toBe(2);
    const [first, second] = s3.emulator.bucket(bucket.name).keys();
    expect(
      s3.emulator
        .bucket(bucket.name)
        .get(first ?? "")
        .bytes.toString(),
    ).toMatch(/^00 .*09 $/);
    expect(
      s3.emulator
        .bucket(bucket.name)
        .get(second ?? "")
        .bytes.toString(),
    ).toMatch(/^10 .*19 $/);
    expect(await store.list("runs/")).toEqual([journal]);
    await store.delete(journal);
    expect(s3.emulator.bucket(bucket.name).keys()).toEqual([]);
  });

  test("is found whole on the machine that wrote it, and as copied on another one", async () => {
    const bucket = s3.bucket();
    const here = machine(bucket);
    const killed = here.start();
    await killed.append(journal, bytes("copied "));
    here.clock.pass(30_000);
    await copied(bucket, 1);
    await killed.append(journal, bytes("not copied"));
    expect(await textOf(here.start())).toBe("copied not copied");
    expect(await textOf(machine(bucket).start())).toBe("copied ");
  });

  test("goes on where another machine resumed it, and back on the first", async () => {
    const bucket = s3.bucket();
    const first = machine(bucket);
    const second = machine(bucket);
    const killed = first.start();
    await killed.append(journal, bytes("one "));
    first.clock.pass(30_000);
    await copied(bucket, 1);
    const resumed = second.start();
    expect(await textOf(resumed)).toBe("one ");
    await resumed.append(journal, bytes("two "));
    await resumed.close();
    const again = first.start();
    expect(await textOf(again)).toBe("one two ");
    await again.append(journal, bytes("three"));
    await again.close();
    expect(await textOf(machine(bucket).start())).toBe("one two three");
  });

  test("is copied anew where the copy is not how it begins", async () => {
    const bucket = s3.bucket();
    const first = machine(bucket);
    const second = machine(bucket);
    const killed = first.start();
    await killed.append(journal, bytes("a long line that was never copied"));
    const other = second.start();
    await other.append(journal, bytes("short"));
    await other.close();
    const again = first.start();
    expect(await textOf(again)).toMatch(/^a long line/);
    await again.append(journal, bytes("!"));
    await again.close();
    expect(await textOf(machine(bucket).start())).toBe("a long line that was never copied!");
  });

  test("that is replaced leaves nothing of the old one, whatever their lengths", async () => {
    const bucket = s3.bucket();
    const { clock, start } = machine(bucket);
    const store = start();
    for (const [i, piece] of ["12345", "67890"].entries()) {
      await store.append(journal, bytes(piece));
      clock.pass(30_000);
      await copied(bucket, i + 1);
    }
    await store.replace(journal, bytes("abcde"));
    await store.close();
    expect(await textOf(machine(bucket).start())).toBe("abcde");
  });

  test("is copied later when it cannot be copied now", async () => {
    const bucket = s3.bucket();
    const { clock, start } = machine(bucket);
    const store = start();
    s3.emulator.faults = () => ({ kind: "refuse", status: 403, code: "AccessDenied" });
    await store.append(journal, bytes("one "));
    clock.pass(30_000);
    await expect.poll(() => log.count("PutObject"), patience).toBe(1);
    s3.emulator.faults = () => undefined;
    await store.append(journal, bytes("two"));
    await store.close();
    expect(await textOf(machine(bucket).start())).toBe("one two");
  });
});

describe("a record on S3", () => {
  test("is one request to write and one to read", async () => {
    const store = machine(s3.bucket()).start();
    expect(await store.replace("runs/one/record", bytes("mine"))).toBe(true);
    expect(await textOf(store, "runs/one/record")).toBe("mine");
    expect(log.requests.map(({ operation }) => operation)).toEqual(["PutObject", "GetObject"]);
  });

  test("was replaced by us if the answer to that was lost, and not if another came first", async () => {
    const bucket = s3.bucket();
    const [ours, other] = [machine(bucket).start(), machine(bucket).start()];
    await ours.replace("lease", bytes("nobody's"), "");
    const version = (await ours.get("lease"))?.version;
    s3.emulator.faults = failNth("PutObject", [1], { kind: "lose-answer" });
    expect(await ours.replace("lease", bytes("ours"), version)).toBe(true);
    const lost = failNth("PutObject", [1], { kind: "reset" });
    s3.emulator.faults = lost;
    expect(await other.replace("lease", bytes("another's"), version)).toBe(false);
    expect(await textOf(other, "lease")).toBe("ours");
  });

  test("is written at the pace that the server takes", async () => {
    const store = machine(s3.bucket()).start();
    s3.emulator.faults = failNth("PutObject", [1, 2, 3, 4, 5, 6, 7, 8, 9], slowDown);
    expect(await store.replace("lease", bytes("a"), "")).toBe(true);
  });
});

test("a record that is looked for in vain can be written meanwhile, for everybody", async () => {
  const bucket = s3.bucket();
  const store = machine(bucket).start();
  const { promise: until, resolve: goOn } = Promise.withResolvers<void>();
  const { promise: listing, resolve: listed } = Promise.withResolvers<void>();
  s3.emulator.faults = ({ operation }) => {
    if (operation !== "ListObjectsV2") return undefined;
    listed();
    return { kind: "hold", until };
  };
  const looking = store.get("shared/name");
  await listing;
  expect(await store.replace("shared/name", bytes("mine"), "")).toBe(true);
  goOn();
  await looking;
  expect(await textOf(machine(bucket).start(), "shared/name")).toBe("mine");
  expect(await store.replace("shared/name", bytes("again"), "")).toBe(false);
});
