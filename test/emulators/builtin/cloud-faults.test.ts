import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connect, delayed } from "../../../src/index.ts";
import { type BuiltinCloud, builtinCloud, type CloudSettings } from "../builtin-cloud.ts";
import { initials } from "../programs/initials.ts";
import { type FaultPlan, failNth, failShare, slowDown } from "./faults.ts";
import {
  type Counter,
  failureKinds,
  type ObservedBackend,
  observed,
  startCounter,
} from "./observed.ts";

let cloud: BuiltinCloud;
let counter: Counter;
beforeAll(async () => {
  cloud = await builtinCloud();
});
beforeEach(async () => {
  counter = await startCounter();
  return () => counter[Symbol.asyncDispose]();
});
afterAll(() => cloud[Symbol.asyncDispose]());

async function fresh(settings: CloudSettings = {}): Promise<ObservedBackend> {
  await cloud.fresh(settings);
  return observed(await cloud.backend().open());
}

const throttled = { kind: "refuse", status: 429, code: "TooManyRequestsException" } as const;

/** Counts its run, and gives a value that is stored. */
const store = async (url: string, n: number): Promise<Float64Array> => {
  await fetch(`${url}${n}`);
  return new Float64Array(10_000).fill(n);
};
const stored = delayed(store);
/** The same, and never gets a backup: runs beyond the first are for failures alone. */
const storedAlone = delayed(store, { pure: false });
const sum = delayed((arrays: readonly Float64Array[]) =>
  arrays.reduce((total, array) => total + (array.at(-1) ?? Number.NaN), 0),
);

/** Counts of runs, those of each number in `numbers`. */
function runs(numbers: readonly number[]): number[] {
  return numbers.map((n) => counter.counts.get(String(n)) ?? 0);
}

describe("on a cloud where much goes wrong", () => {
  const seed = Math.floor(Math.random() * 2 ** 31);

  /** Runs 40 calls that store their values, four at once, and says which share of the calls was sent as the fourth. */
  async function shareAtFullWidth(faults: FaultPlan): Promise<number> {
    const { backend, outcomes, inFlight } = await fresh({ concurrency: 4 });
    cloud.aws.lambda.faults = faults;
    cloud.aws.s3.faults = failShare(0.1, seed + 1, [slowDown]);
    await using _client = await connect({ backend, progress: "none" });
    const numbers = Array.from({ length: 40 }, (_, i) => i);
    const before = runs(numbers).map((count) => count + 1);
    const total = await sum(numbers.map((n) => storedAlone(counter.url, n))).compute();
    // 0 + 1 + … + 39.
    expect(total).toBe(780);
    expect(failureKinds(outcomes).filter((kind) => kind !== "throttle")).toEqual([]);
    expect(runs(numbers)).toEqual(before);
    return inFlight.filter((count) => count === 4).length / inFlight.length;
  }

  test(`three of ten calls throttled and one of ten S3 requests slowed down: no task fails, and fewer calls are made at once (seed ${seed})`, async () => {
    const undisturbed = await shareAtFullWidth(() => undefined);
    // Three of every ten, and not so many by chance: a run has few calls, and by chance none may be refused for long.
    const three = Array.from({ length: 300 }, (_, i) => Math.floor((i * 10) / 3) + 2);
    const throttledOften = await shareAtFullWidth(failNth("Invoke", three, throttled));
    expect(throttledOften).toBeLessThan(undisturbed / 2);
  });

  test("a reply that is lost after the task has committed: what is stored counts, and nothing is computed again", async () => {
    const { backend, outcomes } = await fresh();
    cloud.aws.lambda.faults = failNth("Invoke", [1, 3], { kind: "lose-answer" });
    await using _client = await connect({ backend, progress: "none" });
    const numbers = [1, 2, 3, 4, 5];
    expect(await sum(numbers.map((n) => stored(counter.url, n))).compute()).toBe(15);
    expect(failureKinds(outcomes)).toEqual(["worker-lost"]);
    expect(runs(numbers)).toEqual([1, 1, 1, 1, 1]);
  });

  test("a function killed after its commit and before its reply: the same", async () => {
    const { backend, outcomes } = await fresh({ concurrency: 1 });
    const kill = (): void => {
      for (const pid of cloud.worker.pids) process.kill(pid, "SIGKILL");
    };
    cloud.aws.s3.faults = ({ operation, resource }) => {
      const isChunk = operation === "PutObject" && resource.includes("/tmp/");
      if (!isChunk || cloud.aws.log.count("PutObject") === 0) return undefined;
      cloud.aws.s3.faults = () => undefined;
      return { kind: "then", act: kill };
    };
    await using _client = await connect({ backend, progress: "none" });
    expect(await sum([7, 8].map((n) => stored(counter.url, n))).compute()).toBe(15);
    expect(failureKinds(outcomes)).toEqual(["memory"]);
    expect(runs([7, 8])).toEqual([1, 1]);
  });

  test("a first attempt that runs when all is long over: the stored chunk stays as it is", async () => {
    const { backend } = await fresh();
    const { promise: until, resolve: letRun } = Promise.withResolvers<void>();
    cloud.aws.lambda.faults = failNth("Invoke", [1], { kind: "late", until });
    await using _client = await connect({ backend, progress: "none" });
    const kept = await stored(counter.url, 9).persist();
    const chunks = (): string[] =>
      cloud.bucket
        .keys()
        .filter((key) => key.startsWith("tmp/"))
        .map((key) => `${key} ${cloud.bucket.get(key).etag} ${+cloud.bucket.get(key).modified}`);
    const before = chunks();
    expect(before).toHaveLength(1);
    letRun();
    const refused = (): boolean => cloud.aws.log.requests.some(({ status }) => status === 412);
    while (!refused()) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(chunks()).toEqual(before);
    expect((await kept.compute())[0]).toBe(9);
    expect(runs([9])).toEqual([2]);
  });

  test("errors of Lambda itself are nobody's failure while other calls succeed", async () => {
    const { backend, outcomes } = await fresh();
    const broken = { kind: "refuse", status: 500, code: "ServiceException" } as const;
    cloud.aws.lambda.faults = failNth("Invoke", [1, 2, 3, 5], broken);
    await using _client = await connect({ backend, progress: "none" });
    expect(await sum([1, 2].map((n) => stored(counter.url, n))).compute()).toBe(3);
    expect(failureKinds(outcomes)).toEqual(["throttle"]);
  });

  test("connections that break: before the call, and in the middle of the reply", async () => {
    const { backend, outcomes } = await fresh();
    const reset = failNth("Invoke", [1], { kind: "reset" });
    const cut = failNth("Invoke", [2], { kind: "cut", afterBytes: 20 });
    cloud.aws.lambda.faults = (request) => reset(request) ?? cut(request);
    await using _client = await connect({ backend, progress: "none" });
    expect(await sum([1, 2, 3].map((n) => stored(counter.url, n))).compute()).toBe(6);
    expect(failureKinds(outcomes)).toEqual(["worker-lost"]);
  });
});

describe("what a task costs in requests", () => {
  test("what functions import is sent once, and sent again if it goes away", async () => {
    const { backend } = await fresh({ concurrency: 1 });
    await using _client = await connect({ backend, progress: "none" });
    const first = delayed((name: string) => initials(name), { pure: false });
    expect(await first("Ada Lovelace").compute()).toBe("AL");
    const { bucket } = cloud;
    const blobs = (): string[] => bucket.keys().filter((key) => key.startsWith("blob/"));
    expect(blobs()).toHaveLength(1);
    for (const key of blobs()) bucket.delete(key);
    // Another environment, which has nothing.
    await cloud.worker.endIdle();
    expect(await first("Grace Hopper").compute()).toBe("GH");
    expect(blobs()).toHaveLength(1);
  });

  const chunkRequests = (operation: string): number =>
    cloud.aws.log.requests.filter(
      (request) => request.operation === operation && request.resource.includes("/tmp/"),
    ).length;

  test("nothing for small results; one write and the reads of its inputs for large ones", async () => {
    const { backend } = await fresh({ concurrency: 1 });
    await using client = await connect({ backend, progress: "none" });
    const small = client.map(
      (n: number) => n * n,
      Array.from({ length: 100 }, (_, i) => i),
    );
    await client.gather(small);
    // Of the client itself: the record that says it is there. Nothing grows with the number of tasks.
    const ofStore = cloud.aws.log.requests.filter(({ service }) => service === "s3");
    expect(ofStore.filter(({ resource }) => !resource.includes("/runs/"))).toEqual([]);
    expect(ofStore.length).toBeLessThanOrEqual(5);
    const numbers = Array.from({ length: 10 }, (_, i) => i);
    const half = delayed((array: Float64Array, of: number) => array.length / of);
    // Two readers of each: a value with one is handed over within its task.
    const readers = numbers.flatMap((n) => {
      const value = stored(counter.url, n);
      return [half(value, 2), half(value, 1)];
    });
    expect(await sumOf(readers).compute()).toBe(10 * 15_000);
    expect(chunkRequests("PutObject")).toBe(10);
    expect(chunkRequests("GetObject")).toBeLessThanOrEqual(20);
    expect(chunkRequests("HeadObject")).toBe(0);
  });

  test("chunks whose half of the time in the bucket is over are made anew, others are not", async () => {
    const { backend } = await fresh();
    await using _client = await connect({ backend, progress: "none" });
    const numbers = [0, 1, 2];
    const total = (): Promise<number> =>
      sum(numbers.map((n) => stored(counter.url, n))).compute({ reuse: true });
    const age = (days: number): void => {
      for (const key of cloud.bucket.keys().filter((each) => each.startsWith("tmp/"))) {
        const object = cloud.bucket.get(key);
        const modified = new Date(Date.now() - days * 86_400_000);
        cloud.bucket.put(key, { ...object, modified }, {});
      }
    };
    // 0 + 1 + 2.
    expect(await total()).toBe(3);
    age(3);
    expect(await total()).toBe(3);
    expect(runs(numbers)).toEqual([1, 1, 1]);
    // The rule of this stack takes them away after seven days.
    age(4);
    expect(await total()).toBe(3);
    expect(runs(numbers)).toEqual([2, 2, 2]);
  });
});

const sumOf = delayed((lengths: readonly number[]) => lengths.reduce((a, b) => a + b, 0));
