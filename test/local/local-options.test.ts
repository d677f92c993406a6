import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import { checkLocalOptions, type LocalOptions } from "../../src/local/local-options.ts";
import { errorOf } from "../contract/error-of.ts";

describe("options of the local backend", () => {
  test("divide the memory among the workers", () => {
    const checked = checkLocalOptions({ processes: 4, memory: "8 GiB", store: "x" });
    expect(checked).toEqual({
      scale: { min: 4, max: 4 },
      workerMemoryBytes: 2 * 2 ** 30,
      storeRoot: path.resolve("x"),
      inline: false,
    });
    const scaled = checkLocalOptions({ scale: { min: 1, max: 8 }, memory: "8 GiB" });
    expect(scaled.workerMemoryBytes).toBe(2 ** 30);
  });

  test("have defaults: a worker per core, a store in the working directory or where the environment says", () => {
    const before = process.env["LAMBDASK_STORE"];
    delete process.env["LAMBDASK_STORE"];
    expect(checkLocalOptions(undefined).storeRoot).toBe(path.resolve(".lambdask"));
    process.env["LAMBDASK_STORE"] = "/elsewhere";
    expect(checkLocalOptions({}).storeRoot).toBe("/elsewhere");
    expect(checkLocalOptions({ store: "here" }).storeRoot).toBe(path.resolve("here"));
    expect(checkLocalOptions({ inline: true }).storeRoot).toBeUndefined();
    expect(checkLocalOptions({ inline: true, store: "x" }).storeRoot).toBe(path.resolve("x"));
    if (before === undefined) delete process.env["LAMBDASK_STORE"];
    else process.env["LAMBDASK_STORE"] = before;
    expect(checkLocalOptions({}).scale.min).toBeGreaterThanOrEqual(1);
  });

  test.each<[string, unknown]>([
    ["processes", { processes: 0 }],
    ["processes", { processes: 1.5 }],
    ["processes", { processes: "2" }],
    ["processes", { processes: 2, scale: { min: 1, max: 2 } }],
    ["scale", { scale: "3" }],
    ["scale.min", { scale: { min: 0, max: 2 } }],
    ["scale.max", { scale: { min: 1 } }],
    ["memory", { memory: -1 }],
    ["memory", { memory: "much" }],
    ["memory", { memory: "100 MiB", processes: 1 }],
    ["store", { store: "" }],
    ["store", { store: 7 }],
    ["store", { store: "file:///tmp/x" }],
    ["inline", { inline: "yes" }],
    ["proceses", { proceses: 2 }],
  ])("name %s in the error about %o", async (name, options) => {
    const error = await errorOf(() => checkLocalOptions(options as LocalOptions));
    expect(error.code).toBe("BAD_ARGUMENT");
    expect(error.message).toContain(name);
  });

  test("take no bucket for a store, and name the backend that has one", async () => {
    const error = await errorOf(() => checkLocalOptions({ store: "s3://bucket/chunks" }));
    expect(error.code).toBe("BAD_ARGUMENT");
    expect(error.message).toContain(
      "connect: store: expected the path of a folder on this machine",
    );
    expect(error.fix).toContain("awsBackend({ stack })");
    vi.stubEnv("LAMBDASK_STORE", "S3://bucket");
    const byVariable = await errorOf(() => checkLocalOptions({}));
    expect(byVariable.message).toContain("LAMBDASK_STORE: expected the path of a folder");
    expect(checkLocalOptions({ inline: true }).storeRoot).toBeUndefined();
    expect(checkLocalOptions({ store: "a:b" }).storeRoot).toBe(path.resolve("a:b"));
    vi.unstubAllEnvs();
  });
});
