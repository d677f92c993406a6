import { describe, expect, test } from "vitest";
import { connect, delayed } from "../../src/index.ts";
import { builtinCloud } from "./builtin-cloud.ts";

describe("delayed calls on Lambda", () => {
  test("compute what they compute anywhere", async () => {
    await using cloud = await builtinCloud();
    await using _ = await connect({ backend: cloud.backend() });
    const add = delayed((a: number, b: number) => a + b);
    expect(await add(add(1, 2), add(3, 4)).compute()).toBe(10);
  });
});
