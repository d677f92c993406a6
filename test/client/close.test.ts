import { expect, test } from "vitest";
import { connect, delayed, isLambdaskError } from "../../src/index.ts";
import { errorOf, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();

test("a closed client says so, and the one before it is used again", async () => {
  const options = { inline: true, progress: "none", store: folder.path } as const;
  await using outer = await connect(options);
  const inner = await connect(options);
  await inner.close();
  await inner.close();
  const error = await errorOf(async () => inner.submit(() => 1));
  expect(isLambdaskError(error, "CLOSED")).toBe(true);
  expect(await delayed(() => 2)().compute()).toBe(2);
  expect(await outer.submit(() => 3).result()).toBe(3);
});
