import { expect, test } from "vitest";
import { z } from "zod";
import { delayed } from "../../src/index.ts";
import { sharedClient } from "./support.ts";

sharedClient({ processes: 1 });

const schema = z.object({ a: z.number() });
const parse = (value: { a: number }): { a: number } => schema.parse(value);

test("what a package has made is refused, and made again in the worker if delayed is told so", async () => {
  expect(() => delayed(parse)).toThrow(/schema.*\n(.*\n)*.*perWorker/);
  expect(await delayed(parse, { recreate: true })({ a: 1 }).compute()).toEqual({ a: 1 });
});

test("recreate is true or false", () => {
  expect(() => delayed(parse, { recreate: "yes" as never })).toThrow(
    "delayed: recreate: expected true or false",
  );
});
