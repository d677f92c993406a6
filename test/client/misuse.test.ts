import { describe, expect, test } from "vitest";
import { fromSequence } from "../../src/bag.ts";
import {
  compute,
  type Delayed,
  delayed,
  isLambdaskError,
  perWorker,
  TaskError,
} from "../../src/index.ts";
import { errorOf, sharedClient } from "./support.ts";

const client = sharedClient({ inline: true });

/** What a program without types may pass. */
// biome-ignore lint/suspicious/noExplicitAny: it stands for programs that TypeScript does not check.
const anything = (value: unknown): any => value;

test.each<[string, (bag: unknown) => unknown]>([
  ["text", (bag) => `${bag}`],
  ["a sum", (bag) => anything(bag) + 1],
  ["a comparison", (bag) => anything(bag) > 1],
  ["JSON", (bag) => JSON.stringify({ bag })],
])("a bag in %s is an error that says to compute it", (_name, use) => {
  expect(() => use(fromSequence([1, 2]))).toThrow(/cannot be .*\n.*\.compute\(\).*LAZY_MISUSE/);
});

test("items that are no data are named by their position among all items", () => {
  const items = [1, 2, 3, { run: () => 1 }, 5];
  expect(() => fromSequence(items, { partitions: 2 })).toThrow(
    /not plain data: bag\.fromSequence: items\[3\]\.run: the function run/,
  );
});

test("a promise among the arguments of compute is named", async () => {
  const error = await errorOf(() => compute(anything(Promise.resolve(1))));
  expect(isLambdaskError(error, "NOT_DATA") && error.message).toMatch(
    /compute: argument 1: an instance of Promise/,
  );
});

test.each([[{ retries: 3 }], [{ onError: "collect" }], [{}]])(
  "compute(%j) has nothing to compute, and says so",
  async (options) => {
    const error = await errorOf(() => compute(anything(options)));
    expect(isLambdaskError(error, "BAD_ARGUMENT") && error.message).toMatch(
      /compute: expected a lazy collection .*options come last/s,
    );
  },
);

test("perWorker takes functions only", () => {
  expect(() => perWorker(anything({}))).toThrow("perWorker: expected a function, got an object");
});

test("a failed call is named as delayed was told to", async () => {
  const fails = () => {
    throw new RangeError("no");
  };
  const named = await errorOf(() => delayed(fails, { name: "price the pear" })().compute());
  expect(named).toBeInstanceOf(TaskError);
  expect(named).toMatchObject({ task: { label: "price the pear" } });
  expect(await errorOf(() => delayed(fails)().compute())).toMatchObject({
    task: { label: "fails" },
  });
});

class Socket {
  readonly open = true;
}
const cycle: unknown[] = [1];
cycle.push({ again: cycle });
const lazyCycle: unknown[] = [delayed(() => 1)()];
lazyCycle.push(lazyCycle);
const take = (..._values: readonly unknown[]): number => 1;
const list = delayed(() => [1])();

describe("what is no data is refused at the call, with its place", () => {
  test.each<[string, () => unknown, string]>([
    ["a symbol", () => delayed(take)(Symbol("s")), "take: argument 1: the symbol s"],
    [
      "a second argument",
      () => delayed(take)(1, [Symbol("s")]),
      "take: argument 2[0]: the symbol s",
    ],
    [
      "a promise",
      () => delayed(take)(Promise.resolve(1)),
      "take: argument 1: an instance of Promise",
    ],
    [
      "a cycle",
      () => delayed(take)(0, cycle),
      "take: argument 2[1].again: a cycle (it is take: argument 2 again)",
    ],
    [
      "a cycle with lazies",
      () => delayed(take)(lazyCycle),
      "take: argument 1: it has lazies or functions in a cycle",
    ],
    [
      "a cycle without traversal",
      () => delayed(take, { traverse: false })(cycle),
      "take: argument 1[1].again: a cycle",
    ],
    [
      "beside a lazy",
      () => delayed(take)([list, new Socket()]),
      "take: argument 1: an instance of Socket",
    ],
    ["of a method", () => anything(list).concat(Symbol("s")), ".concat: argument 1: the symbol s"],
    [
      "of submit",
      () => client.current.submit(take, 1, new Socket()),
      "client.submit: argument 2: an instance of Socket",
    ],
    [
      "an item of map",
      () => client.current.map(take, [1, new Socket()]),
      "client.map: item 1: an instance of Socket",
    ],
    [
      "a symbol in map",
      () => client.current.map(take, [Symbol("s")]),
      "client.map: item 0: the symbol s",
    ],
    ["of scatter", () => client.current.scatter(cycle), "client.scatter[1].again: a cycle"],
  ])("%s", async (_what, call, message) => {
    const error = await errorOf(call);
    expect(isLambdaskError(error, "NOT_DATA") && error.message).toContain(
      `not plain data: ${message}`,
    );
  });

  test("data may nest deeper than lazies are looked for", async () => {
    let deep: unknown = "bottom";
    for (let i = 0; i < 300; i++) deep = [deep];
    const depth = (value: unknown): number => (Array.isArray(value) ? 1 + depth(value[0]) : 0);
    expect(await delayed(depth)(deep).compute()).toBe(300);
  });
});

describe("a function", () => {
  test.each<[string, () => unknown]>([
    ["a delayed value", () => inner(delayed(() => 1)())],
    ["a member of one", () => inner(delayed(() => [1])().length)],
    ["a future", () => inner(client.current.submit(() => 1))],
    ["a bag", () => inner(fromSequence([1]))],
  ])("that captures %s says to pass it as an argument", async (_what, take) => {
    const error = await errorOf(take);
    expect(isLambdaskError(error, "CANNOT_SHIP") && error.message).toContain(
      "it is a lazy value (a Delayed, Future or collection), not the data itself",
    );
    expect(isLambdaskError(error) && error.fix).toMatch(/^pass it as an argument/);
  });

  test("that captures the client says so, and not how to pack it", async () => {
    const { current } = client;
    const error = await errorOf(() => delayed(() => current.scale(1)));
    expect(isLambdaskError(error, "CANNOT_SHIP") && error.message).toContain(
      "`current` to a worker: it is the client, which stays in this process",
    );
  });

  test("whose delayed form calls itself is told to recurse in a plain function, which works", async () => {
    const add = delayed((a: number, b: number) => a + b);
    const error = await errorOf(() => {
      const fib: (n: number) => unknown = delayed((n: number): unknown =>
        n < 2 ? n : add(fib(n - 1) as number, fib(n - 2) as number),
      );
      return fib(5);
    });
    expect(isLambdaskError(error, "CANNOT_SHIP") && error.fix).toMatch(
      /if `fib` is what is being made here, let a plain function do the recursion and call delayed ones/,
    );
    const fib = (n: number): Delayed<number> => (n < 2 ? delayed(n) : add(fib(n - 1), fib(n - 2)));
    expect(await delayed(fib)(10).compute()).toBe(55);
  });
});

/** A delayed call of a function that captures `value`. */
function inner(value: unknown): unknown {
  return delayed(() => value)();
}

test("holes of a list with lazies in it are undefined, as in all data", async () => {
  const one = delayed(1);
  // biome-ignore lint/suspicious/noSparseArray: it is what is tested.
  const holes = [, one, , [, one]];
  expect(await compute(holes)).toEqual([[undefined, 1, undefined, [undefined, 1]]]);
  const count = delayed(
    (list: readonly unknown[]) => list.map((item) => item === undefined).length,
  );
  expect(await count(holes).compute()).toBe(4);
});

test("a lazy value where something else belongs is called one", async () => {
  const list = delayed([1, 2]);
  const error = await errorOf(() => fromSequence([1]).join(anything(list), (n) => n));
  expect(error).toMatchObject({
    message: expect.stringContaining("an array or another iterable, got a lazy value") as unknown,
  });
  const future = client.current.submit(() => 1);
  expect(await errorOf(() => fromSequence([1]).take(anything(future)))).toMatchObject({
    message: expect.stringContaining("got a lazy value") as unknown,
  });
});

test("what cancel and retry are called by is told with what they take", async () => {
  const no: never = anything(5) as never;
  expect((await errorOf(() => client.current.cancel(no))) as Error).toMatchObject({
    message: expect.stringContaining("client.cancel: expected a list of futures, got 5") as unknown,
  });
  expect((await errorOf(() => client.current.retry(no))) as Error).toMatchObject({
    message: expect.stringContaining("client.retry: expected a list of futures, got 5") as unknown,
  });
});
