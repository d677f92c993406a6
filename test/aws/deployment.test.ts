import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import {
  deploymentOf,
  outputKeys,
  protocolVersion,
  scratchPrefixes,
} from "../../src/aws/deployment.ts";

const outputs = {
  BucketName: "some-bucket",
  WorkerFunctionName: "some-function",
  ProtocolVersion: "1",
  MemoryMb: "1769",
  TimeoutS: "900",
  ReservedConcurrency: "8",
  ScratchDays: "7",
};

test("a stack's outputs become a deployment", () => {
  expect(deploymentOf(new Map(Object.entries(outputs)))).toEqual({
    bucketName: "some-bucket",
    workerFunctionName: "some-function",
    protocolVersion: 1,
    memoryMb: 1769,
    timeoutS: 900,
    reservedConcurrency: 8,
    scratchDays: 7,
  });
});

test("without reserved concurrency there is no number", () => {
  const shared = new Map(Object.entries({ ...outputs, ReservedConcurrency: "unreserved" }));
  expect(deploymentOf(shared)).toMatchObject({ reservedConcurrency: undefined });
});

test("each missing output is named", () => {
  for (const key of Object.values(outputKeys)) {
    const some = new Map(Object.entries(outputs));
    some.delete(key);
    expect(deploymentOf(some)).toEqual({ missing: key });
  }
});

test("an output that should be a number and is not is named", () => {
  const bad = new Map(Object.entries({ ...outputs, TimeoutS: "long" }));
  expect(deploymentOf(bad)).toEqual({ missing: "TimeoutS" });
});

test("each release says what its workers speak", () => {
  // Before a new version goes out: has anything changed that workers deployed by the last one would do otherwise?
  const protocols: Readonly<Record<string, number>> = { "0.1.0": 1 };
  const text = fs.readFileSync(path.resolve(import.meta.dirname, "../../package.json"), "utf8");
  const { version } = JSON.parse(text) as { readonly version: string };
  expect(protocols[version]).toBe(protocolVersion);
});

test("what the user keeps and the records of runs are not scratch", () => {
  expect(scratchPrefixes).not.toContain("kept/");
  expect(scratchPrefixes).not.toContain("runs/");
});
