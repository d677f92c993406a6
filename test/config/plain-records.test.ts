import { writeFileSync } from "node:fs";
import path from "node:path";
import vm from "node:vm";
import { afterEach, expect, test, vi } from "vitest";
import type { LambdaskError } from "../../src/base/errors.ts";
import { config, connect, type Settings, withConfig } from "../../src/index.ts";
import { errorOf, temporaryFolder } from "../client/support.ts";

const folder = temporaryFolder();
afterEach(() => vi.unstubAllEnvs());

const settings = "expected a plain record of settings";

test.each<[name: string, value: unknown, message: string]>([
  ["null", null, `withConfig: ${settings}`],
  ["an array", [], `withConfig: ${settings}`],
  ["a text in place of a group", { aws: "Lambdask" }, `withConfig: aws: ${settings}`],
  ["a Map", new Map([["inline", true]]), `withConfig: ${settings}`],
  [
    "what has a record for its prototype",
    Object.create({ inline: true }),
    `withConfig: ${settings}`,
  ],
  ["a Map in place of a group", { aws: new Map([["stack", "x"]]) }, `withConfig: aws: ${settings}`],
])("%s says no settings, and is refused", async (_name, value, message) => {
  const error = (await errorOf(() => withConfig(value as Settings, () => 1))) as LambdaskError;
  expect(error.code).toBe("BAD_ARGUMENT");
  expect(error.message).toContain(message);
});

test.each(["7", "Promise.resolve({ inline: true })"])(
  "a file that gives %s is refused",
  async (given) => {
    const file = path.join(folder.path, `${given.length}.config.ts`);
    writeFileSync(file, `export default ${given};`);
    vi.stubEnv("LAMBDASK_CONFIG", file);
    await expect(connect({ progress: "none" })).rejects.toThrow(`.config.ts: ${settings}`);
  },
);

test("a signal in place of options is refused", async () => {
  const options = new AbortController().signal as object;
  await expect(connect(options)).rejects.toThrow("connect: expected a plain record of options");
});

test("records without a prototype and those of another realm are plain", () => {
  const bare: Settings = Object.assign(Object.create(null) as object, { store: "bare" });
  expect(withConfig(bare, () => config.get("store"))).toBe("bare");
  const foreign = vm.runInNewContext('({ store: "foreign" })') as Settings;
  expect(withConfig(foreign, () => config.get("store"))).toBe("foreign");
});
