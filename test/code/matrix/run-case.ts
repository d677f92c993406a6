import assert from "node:assert/strict";
import { isLambdaskError } from "../../../src/base/errors.ts";
import { capture } from "../../../src/code/capture.ts";
import type { Remote } from "../support/remote.ts";
import type { MatrixCase } from "./case.ts";

/** Runs one case in `remote`: "ok", or what was wrong. */
export async function runCase(one: MatrixCase, remote: Remote): Promise<string> {
  try {
    if (one.refused) return await refusalOf(one, one.refused);
    const fn = await one.make();
    const there = await remote.call(capture(fn, { where: "test" }), one.args, one.collect);
    const here = await result(fn(...(one.args as never[])), one.collect ?? false);
    assert.deepStrictEqual(there, here);
    return "ok";
  } catch (error) {
    return `failed: ${(error as Error).stack}`;
  }
}

async function result(value: unknown, collect: boolean): Promise<unknown> {
  if (!collect) return value;
  const items: unknown[] = [];
  for await (const item of value as AsyncIterable<unknown>) items.push(item);
  return items;
}

async function refusalOf(one: MatrixCase, expected: RegExp): Promise<string> {
  try {
    capture(await one.make(), { where: "test" });
  } catch (error) {
    if (!isLambdaskError(error, "CANNOT_SHIP")) throw error;
    return expected.test(error.message) ? "ok" : `another refusal: ${error.message}`;
  }
  return "not refused";
}
