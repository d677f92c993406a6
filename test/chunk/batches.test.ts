import { describe, expect, test } from "vitest";
import { isPromise } from "../../src/base/maybe-promise.ts";
import { Batches } from "../../src/chunk/batches.ts";
import { encodeBatches } from "../../src/chunk/encode-batches.ts";

/** Three batches, and whether their source was closed. */
function source(): { batches: Iterable<readonly number[]>; closed: () => boolean } {
  let closed = false;
  function* batches(): Generator<readonly number[]> {
    try {
      yield [1, 2];
      yield [3];
      yield [4, 5];
    } finally {
      closed = true;
    }
  }
  return { batches: batches(), closed: () => closed };
}

async function* later<T>(values: Iterable<T>): AsyncGenerator<T> {
  for (const value of values) yield await Promise.resolve(value);
}

const kinds: readonly [
  string,
  () => Iterable<readonly number[]> | AsyncIterable<readonly number[]>,
][] = [
  ["that does not wait", () => source().batches],
  ["that waits", () => later(source().batches)],
];

describe.each(kinds)("batches of a source %s", (_name, made) => {
  test("are changed one by one, by functions that wait and that do not", async () => {
    const odd = new Batches(made())
      .map((batch) => batch.filter((n) => n % 2 === 1))
      .map(async (batch) => batch.map((n) => n * 10))
      .map((batch) => batch.map((n) => n + 1));
    expect(await odd.toArray()).toEqual([11, 31, 51]);
  });

  test("that become several, or none, come in order", async () => {
    const each = new Batches(made()).flatMap((batch) => batch.slice(1).flatMap((n) => [[n], [-n]]));
    const seen: (readonly number[])[] = [];
    for await (const batch of each) seen.push(batch);
    expect(seen).toEqual([[2], [-2], [5], [-5]]);
  });

  test("are visited one after the other", async () => {
    const events: string[] = [];
    await new Batches(made()).visit(async (batch) => {
      events.push(`begin ${batch[0]}`);
      await new Promise((resolve) => setImmediate(resolve));
      events.push(`end ${batch[0]}`);
    });
    expect(events).toEqual(["begin 1", "end 1", "begin 3", "end 3", "begin 4", "end 4"]);
  });

  test("end with the error of a function", async () => {
    const fails = (batch: readonly number[]): readonly number[] => {
      if (batch.includes(3)) throw new Error("no threes");
      return batch;
    };
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      await new Batches(made()).map(fails).visit((batch) => {
        seen.push(...batch);
      });
    };
    await expect(read()).rejects.toThrow("no threes");
    expect(seen).toEqual([1, 2]);
  });
});

test("steps over a source that does not wait make no promise", () => {
  const seen: number[] = [];
  const visited = new Batches(source().batches)
    .map((batch) => batch.map((n) => n + 1))
    .flatMap((batch) => [batch, batch])
    .visit((batch) => {
      seen.push(...batch);
    });
  expect(isPromise(visited)).toBe(false);
  expect(seen).toEqual([2, 3, 2, 3, 4, 4, 5, 6, 5, 6]);
});

test.each<[string, (batches: Batches<number>) => unknown]>([
  ["a step fails", (batches) => batches.map(() => fail()).toArray()],
  ["a step that waits fails", (batches) => batches.map(async () => fail()).toArray()],
  ["its reader fails", (batches) => batches.map((batch) => batch).visit(fail)],
  ["its reader stops", (batches) => firstOf(batches.map((batch) => batch))],
])("a source is closed when %s", async (_name, read) => {
  const { batches, closed } = source();
  await Promise.resolve()
    .then(() => read(new Batches(batches)))
    .catch(() => {});
  expect(closed()).toBe(true);
});

test.each<[string, (batches: Batches<number>) => unknown]>([
  ["a step", (batches) => batches.map(() => fail()).toArray()],
  ["a step that waits", (batches) => batches.map(async () => fail()).toArray()],
  ["a reader", (batches) => batches.visit(fail)],
  ["a reader that waits", (batches) => batches.visit(async () => fail())],
  [
    "what is no data",
    (batches) =>
      encodeBatches(
        batches.map(() => [fail]),
        { wholeBytesMax: 9 },
      ),
  ],
])("an error of %s counts more than one of closing the source", async (_name, read) => {
  for (const wrap of [(each: Iterable<number[]>) => each, later<number[]>]) {
    const run = async (): Promise<unknown> => read(new Batches(wrap(closesBadly())));
    await expect(run()).rejects.toThrow(/as planned|function/);
  }
});

function* closesBadly(): Generator<number[]> {
  try {
    for (;;) yield [1];
  } finally {
    // biome-ignore lint/correctness/noUnsafeFinally: what a source of the user's may do.
    throw new Error("cannot be closed");
  }
}

function fail(): never {
  throw new Error("as planned");
}

async function firstOf(batches: Batches<number>): Promise<unknown> {
  for await (const batch of batches) return batch;
  return undefined;
}

test.each([
  ["not", (batch: readonly number[]) => batch],
  ["", async (batch: readonly number[]) => batch],
])("any number of batches that become nothing are passed over, %s waiting", async (_how, step) => {
  const count = 100_000;
  function* many(): Generator<readonly number[]> {
    for (let n = 0; n < count; n++) yield [n];
  }
  const last = new Batches(many()).map(step).map((batch) => batch.filter((n) => n === count - 1));
  expect(await last.toArray()).toEqual([count - 1]);
});
