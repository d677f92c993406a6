import { expect, test } from "vitest";
import { z } from "zod";
import { fromSequence } from "../../src/bag.ts";
import { delayed, explainFunction, recreate } from "../../src/index.ts";
import { sharedClient } from "./support.ts";

const client = sharedClient({ processes: 1 });

const schema = z.object({ a: z.number() });
const parse = (value: { a: number }): { a: number } => schema.parse(value);

test("what a package has made is refused, and made again in the worker if delayed is told so", async () => {
  expect(() => delayed(parse)).toThrow(/schema.*\n(.*\n)*.*perWorker/);
  expect(await delayed(parse, { recreate: true })({ a: 1 }).compute()).toEqual({ a: 1 });
});

test("recreate marks a function for everything that takes one", async () => {
  const check = (value: { a: number }): number => schema.parse(value).a;
  expect(() => client.current.submit(check, { a: 1 })).toThrow("perWorker");
  expect(() => explainFunction(check)).toThrow("perWorker");
  expect(recreate(check)).toBe(check);
  expect(await client.current.submit(check, { a: 2 }).result()).toBe(2);
  expect(
    await fromSequence([{ a: 3 }, { a: 4 }])
      .map(check)
      .compute(),
  ).toEqual([3, 4]);
  expect(await delayed(check)({ a: 5 }).compute()).toBe(5);
  const { referenced } = explainFunction(check);
  expect(referenced).toContainEqual({ path: "schema", what: "made in the worker", identity: "" });
  expect(() => recreate(3 as never)).toThrow("recreate: expected a function, got 3");
});

test("recreate is true or false", () => {
  expect(() => delayed(parse, { recreate: "yes" as never })).toThrow(
    "delayed: recreate: expected true or false",
  );
});
