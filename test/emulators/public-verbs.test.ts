import { describe, expect, test } from "vitest";
import { workerEnvironment } from "../../src/aws/deployment.ts";
import type * as everything from "../../src/index.ts";
import {
  asCompleted,
  type BroadcastOptions,
  type Client,
  currentClient,
  currentTask,
  type Delayed,
  type DelayedMethods,
  type DelayedOptions,
  delayed,
  type Future,
  futuresOf,
  isLambdaskError,
  type Lock,
  logEvent,
  perWorker,
  recreate,
  secret,
  type Variable,
  wait,
} from "../../src/index.ts";
import { cloudClient } from "./cloud.ts";
import { type CasesOf, tryAll } from "./verbs.ts";

const client = cloudClient();

const here = { in: "public-verbs.test.ts" };
const delayedTests = { in: "delayed.test.ts" };
const futureTests = { in: "futures.test.ts" };
const local = { never: "it looks at what the program has, and no worker takes part" };

const made = perWorker(() => ({ calls: 0, name: Math.random() }));
const bucket = secret(workerEnvironment.bucket);
const half = recreate((n: number) => n / 2);
const divide = delayed((a: number, b: number) => [Math.trunc(a / b), a % b] as const, { nout: 2 });

const functionCases: CasesOf<typeof everything> = {
  delayed: [
    [divide(17, 5), [3, 2]],
    [[...divide(17, 5)].reverse(), [2, 3]],
    [delayed((list: readonly number[]) => list.length, { traverse: false })([1, 2]), 2],
    [delayed("a-b").split("-")[1] as unknown as Delayed<string>, "b"],
  ],
  recreate: [[delayed(half)(3), 1.5]],
  secret: [[delayed(() => bucket().length > 0)(), true]],
  perWorker: here,
  compute: delayedTests,
  persist: delayedTests,
  optimize: delayedTests,
  tokenize: delayedTests,
  annotate: delayedTests,
  bind: delayedTests,
  checkpoint: delayedTests,
  clone: delayedTests,
  waitOn: delayedTests,
  isLambdaskError: delayedTests,
  TaskError: delayedTests,
  LambdaskError: { never: "the type of the library's own errors: isLambdaskError tells them" },
  asCompleted: futureTests,
  currentTask: futureTests,
  fireAndForget: futureTests,
  logEvent: futureTests,
  span: futureTests,
  wait: futureTests,
  connect: futureTests,
  futuresOf: here,
  currentClient: here,
  withConfig: { in: "set-up.test.ts" },
  config: local,
  currentAnnotations: local,
  explainFunction: local,
  isLazy: local,
  visualize: local,
};

const delayedCases: CasesOf<DelayedMethods<number>> = {
  compute: delayedTests,
  persist: delayedTests,
  release: delayedTests,
  explain: local,
  visualize: local,
};

const clientCases: CasesOf<Client> = {
  submit: futureTests,
  map: futureTests,
  gather: futureTests,
  scatter: futureTests,
  scatterAll: futureTests,
  cancel: futureTests,
  subscribe: futureTests,
  lock: futureTests,
  variable: futureTests,
  info: futureTests,
  restart: futureTests,
  compute: here,
  retry: here,
  logEvent: here,
  events: here,
  semaphore: here,
  publish: { in: "published.test.ts" },
  published: { in: "published.test.ts" },
  publishedNames: { in: "published.test.ts" },
  unpublish: { in: "published.test.ts" },
  scale: { in: "scenarios.test.ts" },
  close: { in: "kept-chunks.test.ts" },
};

const futureCases: CasesOf<Future<number>> = {
  status: futureTests,
  key: futureTests,
  cancelled: futureTests,
  result: futureTests,
  exception: futureTests,
  retry: futureTests,
  release: futureTests,
  ended: futureTests,
  cancel: here,
  done: here,
  traceback: here,
  valueAtHand: here,
  whenEnded: here,
};

const coordinationCases: CasesOf<Lock> & CasesOf<Variable<number>> = {
  acquire: futureTests,
  get: futureTests,
  update: futureTests,
  delete: futureTests,
  set: here,
  holders: here,
  name: here,
  leases: here,
};

const optionCases: CasesOf<DelayedOptions & BroadcastOptions<number>> = {
  nout: here,
  traverse: here,
  batchSize: here,
  pure: here,
  timeoutMs: here,
  memory: here,
  recreate: here,
  name: futureTests,
  retries: futureTests,
  broadcast: futureTests,
  priority: delayedTests,
};

describe("functions", () => tryAll("function", functionCases));
describe("delayed values", () => tryAll("delayed value", delayedCases));
describe("the client", () => tryAll("client", clientCases));
describe("futures", () => tryAll("future", futureCases));
describe("coordination", () => tryAll("coordination", coordinationCases));
describe("options of calls", () => tryAll("option", optionCases));

test("what is made per worker is made once in each", async () => {
  const calls = client.current.map(
    (_: number) => {
      made().calls += 1;
      return [made().name, made().calls] as const;
    },
    Array.from({ length: 12 }, (_, i) => i),
    { pure: false, batchSize: 4, timeoutMs: 30_000, memory: "64 MiB" },
  );
  const ran = await client.current.gather(calls);
  const byWorker = Map.groupBy(ran, ([name]) => name);
  for (const each of byWorker.values()) {
    const counts = each.map(([, count]) => count).sort((a, b) => a - b);
    expect(counts).toEqual(counts.map((_, i) => i + 1));
  }
});

test("calls that are not pure all run, and their futures are found in containers", async () => {
  const roll = delayed(() => Math.random(), { pure: false, recreate: true });
  const [one, two] = client.current.compute(roll(), roll());
  expect(await one.result()).not.toBe(await two.result());
  expect(currentClient()).toBe(client.current);
  expect(futuresOf({ list: [one, [two]] })).toEqual([one, two]);
});

test("a future tells how it ended, and is tried again", async () => {
  const word = `try-${Date.now()}`;
  const flaky = client.current.submit((key: string) => {
    throw new RangeError(`no ${key}`);
  }, word);
  let told = 0;
  flaky.whenEnded(() => {
    told += 1;
  });
  await wait([flaky]);
  expect([flaky.done, told, flaky.valueAtHand()]).toEqual([true, 1, undefined]);
  expect(await flaky.traceback()).toMatch(/public-verbs\.test\.ts:\d+:\d+/);
  client.current.retry([flaky]);
  for await (const ended of asCompleted([flaky])) expect(ended.status).toBe("error");
  const late = client.current.submit(
    () => new Promise<number>((resolve) => setTimeout(resolve, 50, 1)),
  );
  late.cancel();
  expect(isLambdaskError(await late.exception(), "CANCELLED")).toBe(true);
});

test("events of the program and of tasks are in one list", async () => {
  const topic = `verbs-${Date.now()}`;
  client.current.logEvent(topic, "here");
  const log = (name: string): boolean => {
    logEvent(name, currentTask()?.attempt);
    return true;
  };
  await client.current.submit(log, topic).result();
  expect(client.current.events(topic).map(({ data }) => data)).toEqual(["here", 1]);
});

test("a semaphore has so many holders, and a variable what was set", async () => {
  const name = `pool-${Date.now()}`;
  const pool = client.current.semaphore(name, 2);
  expect([pool.name, pool.leases]).toEqual([name, 2]);
  const [one, two] = [await pool.acquire(), await pool.acquire()];
  expect(await pool.holders()).toBe(2);
  expect(await pool.acquire({ timeoutMs: 1 })).toBeUndefined();
  await one.release();
  const three = await pool.acquire({ timeoutMs: 10_000 });
  expect(three?.signal.aborted).toBe(false);
  await Promise.all([two.release(), three?.release()]);
  const page = client.current.variable<number>(name);
  await page.set(7);
  expect([page.name, await page.get()]).toEqual([name, 7]);
  await page.delete();
});
