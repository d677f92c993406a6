import fs from "node:fs";
import { isBuiltin } from "node:module";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BuiltWorker, buildWorker } from "../../scripts/build-worker.ts";
import { checkBundle } from "../../scripts/tidy/bundle.ts";

let root: string;
let built: BuiltWorker;
beforeAll(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-bundle-"));
  built = await buildWorker(path.join(root, "worker"));
});
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

describe("the worker bundle", () => {
  test("holds the worker, and neither planner, scheduler, client, collections nor the local backend", () => {
    const inputs = Object.keys(built.metafile.inputs);
    expect(inputs).toContain("src/worker/run-task.ts");
    const rooms = ["plan", "schedule", "client", "collections", "local", "cdk", "cli"];
    expect(checkBundle(inputs, rooms)).toEqual([]);
  });

  test("calls S3 and no other service", () => {
    const clients = Object.keys(built.metafile.inputs).flatMap(
      (file) => /@aws-sdk\/(client-[a-z0-9-]+)\//.exec(file)?.[1] ?? [],
    );
    expect([...new Set(clients)]).toEqual(["client-s3"]);
  });

  test("needs no file beside it, and no package", () => {
    expect(fs.readdirSync(built.folder)).toEqual(["handler.mjs"]);
    const imports = Object.values(built.metafile.outputs).flatMap((output) => output.imports);
    const outside = imports.map((one) => one.path).filter((name) => !isBuiltin(name));
    expect(outside).toEqual([]);
  });

  test("takes less than a megabyte as a zip file", () => {
    expect(built.zippedBytes).toBeLessThan(1e6);
  });

  test("begins in a handler of less than forty lines", () => {
    const handler = fs.readFileSync("functions/worker/handler.ts", "utf8");
    expect(handler.trimEnd().split("\n").length).toBeLessThan(40);
  });
});
