import { afterAll, beforeAll, expect, test } from "vitest";
import { fromSequence } from "../../../src/bag.ts";
import { type Client, connect } from "../../../src/index.ts";
import { type BuiltinCloud, builtinCloud } from "../builtin-cloud.ts";
import { workerKey } from "./request-log.ts";

let cloud: BuiltinCloud;
beforeAll(async () => {
  cloud = await builtinCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());

const environments = 2;
const tasks = 60;
const numbers = Array.from({ length: tasks }, (_, i) => i);
const thousands = numbers.map((n) => n * 500);
/** 4 MB: more than a worker keeps in memory of one object, and less than one request brings. */
const table = Float64Array.from({ length: 500_000 }, (_, i) => i / 2);
const find = (at: number, _: number, rows: Float64Array): unknown => rows[at * 1000];

/** Requests for chunks, tried and refused ones too: per object, how many. */
function requestsPerObject(who: "workers" | "clients"): number[] {
  const wanted = who === "workers" ? "GetObject" : "PutObject";
  const seen = new Map<string, number>();
  for (const { caller, operation, resource } of cloud.aws.log.requests) {
    const isTheirs = (caller === workerKey) === (who === "workers");
    if (!isTheirs || operation !== wanted || !resource.includes("/tmp/")) continue;
    seen.set(resource, (seen.get(resource) ?? 0) + 1);
  }
  return [...seen.values()];
}

async function freshClient(): Promise<Client> {
  await cloud.fresh({ concurrency: environments });
  return connect({ backend: cloud.backend(), progress: "none" });
}

test("each function fetches broadcast data once, whatever number of tasks read it", async () => {
  await using plain = await freshClient();
  const rows = plain.scatter(table);
  expect(await plain.gather(plain.map(find, numbers, { broadcast: rows }))).toEqual(thousands);
  // What this is about: each task has fetched it, its end and its bytes.
  expect(Math.max(...requestsPerObject("workers"))).toBeGreaterThanOrEqual(tasks);
  await plain.close();

  await using client = await freshClient();
  const marked = client.scatter(table, { broadcast: true });
  expect(await client.gather(client.map(find, numbers, { broadcast: marked }))).toEqual(thousands);
  const [reads, ...others] = requestsPerObject("workers");
  expect(others).toEqual([]);
  expect(reads).toBeLessThanOrEqual(environments);
  expect(requestsPerObject("clients")).toEqual([1]);
});

test("the value that a map gives to all of its calls is stored once, and fetched once by each function", async () => {
  await using client = await freshClient();
  expect(await client.gather(client.map(find, numbers, { broadcast: table }))).toEqual(thousands);
  const [reads, ...others] = requestsPerObject("workers");
  expect(others).toEqual([]);
  expect(reads).toBeLessThanOrEqual(environments);
  expect(requestsPerObject("clients")).toEqual([1]);
});

test("each function fetches the small side of a join once", async () => {
  await using _client = await freshClient();
  const [parts, partBytes] = [2, 3_000_000];
  const names = fromSequence([0, 1], { partitions: parts }).map((id) => {
    const name = new Uint8Array(partBytes);
    // Nothing that packing makes small.
    for (let i = 0, next = id + 1; i < partBytes; i++) {
      next = (Math.imul(next, 1_664_525) + 1_013_904_223) >>> 0;
      name[i] = next >>> 24;
    }
    return { id, name };
  });
  const events = fromSequence(numbers, { partitions: 20 }).map((n) => n % parts);
  const pairs = events.join(
    names,
    (n) => n,
    ({ id }) => id,
  );
  const sizes = pairs.map(([n, { name }]) => n + name.length).frequencies();
  expect(new Map(await sizes.compute())).toEqual(
    new Map([
      [partBytes, tasks / 2],
      [partBytes + 1, tasks / 2],
    ]),
  );
  const reads = requestsPerObject("workers");
  expect(reads).toHaveLength(parts);
  expect(Math.max(...reads)).toBeLessThanOrEqual(environments);
});
