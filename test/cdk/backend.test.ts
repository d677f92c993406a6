import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { App, Validations } from "aws-cdk-lib";
import { Match } from "aws-cdk-lib/assertions";
import { Architecture } from "aws-cdk-lib/aws-lambda";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";
import { afterAll, expect, test } from "vitest";
import { protocolVersion } from "../../src/aws/deployment.ts";
import { requireNode } from "../../src/base/require-node.ts";
import type { LambdaskBackendProps } from "../../src/cdk/backend-props.ts";
import { clientPermissions, workerPermissions } from "../../src/cdk/permissions.ts";
import { LambdaskStack } from "../../src/cdk.ts";
import { granted, synthesise } from "./synthesise.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-cdk-"));
const workerAsset = path.join(folder, "worker");
fs.mkdirSync(workerAsset);
fs.writeFileSync(path.join(workerAsset, "handler.mjs"), "export const handler = () => {};\n");
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

function stackOf(backend: LambdaskBackendProps = {}): LambdaskStack {
  const app = new App({ outdir: fs.mkdtempSync(path.join(folder, "out-")) });
  return new LambdaskStack(app, "Lambdask", { backend: { workerAsset, ...backend } });
}

test("the stack holds one bucket, one function, and what these two need", () => {
  const types = Object.values(
    synthesise().toJSON()["Resources"] as Record<string, { Type: string }>,
  )
    .map((resource) => resource.Type)
    .sort();
  expect(types).toEqual([
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
  ]);
});

test("the bucket is private, encrypted, reached by TLS only, and loses scratch but not what was kept", () => {
  const template = synthesise({ scratchDays: 3 });
  const expiring = (prefix: string) => ({
    Status: "Enabled",
    Prefix: prefix,
    ExpirationInDays: 3,
    Id: `scratch-${prefix.slice(0, -1)}`,
  });
  template.hasResource("AWS::S3::Bucket", {
    DeletionPolicy: "Delete",
    Properties: {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } },
        ],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
      LifecycleConfiguration: {
        Rules: [
          {
            Id: "abandoned-uploads",
            Status: "Enabled",
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
          },
          expiring("tmp/"),
          expiring("blob/"),
          expiring("bad/"),
          expiring("inputs/"),
          expiring("outputs/"),
        ],
      },
    },
  });
  template.hasResourceProperties("AWS::S3::BucketPolicy", {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Effect: "Deny",
          Action: "s3:*",
          Principal: { AWS: "*" },
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        }),
      ]),
    },
  });
});

test("the worker runs on Node 24, is never retried by Lambda, and its log lines go after a week", () => {
  const template = synthesise();
  template.hasResourceProperties("AWS::Lambda::Function", {
    Runtime: "nodejs24.x",
    Handler: "handler.handler",
    MemorySize: 1769,
    Timeout: 900,
    Architectures: ["x86_64"],
    ReservedConcurrentExecutions: Match.absent(),
    Environment: { Variables: { LAMBDASK_BUCKET: Match.objectLike({ Ref: Match.anyValue() }) } },
  });
  template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", { MaximumRetryAttempts: 0 });
  template.hasResource("AWS::Logs::LogGroup", {
    DeletionPolicy: "Delete",
    Properties: { RetentionInDays: 7 },
  });
});

test("memory, time, architecture, concurrency and retention can be chosen", () => {
  const template = synthesise({
    memoryMb: 3538,
    timeoutS: 60,
    architecture: Architecture.ARM_64,
    reservedConcurrency: 50,
    keepBucket: true,
    logRetention: RetentionDays.THREE_MONTHS,
  });
  template.hasResourceProperties("AWS::Lambda::Function", {
    MemorySize: 3538,
    Timeout: 60,
    Architectures: ["arm64"],
    ReservedConcurrentExecutions: 50,
  });
  template.hasResource("AWS::S3::Bucket", { DeletionPolicy: "Retain" });
  template.hasResource("AWS::Logs::LogGroup", {
    DeletionPolicy: "Delete",
    Properties: { RetentionInDays: 90 },
  });
  template.hasOutput("ReservedConcurrency", { Value: "50" });
});

test("the outputs have the names that the client looks for", () => {
  const template = synthesise();
  const outputs = template.toJSON()["Outputs"] as Record<string, { Value: unknown }>;
  expect(Object.keys(outputs).sort()).toEqual([
    "BucketName",
    "KeepsBucket",
    "MemoryMb",
    "ProtocolVersion",
    "ReservedConcurrency",
    "ScratchDays",
    "TimeoutS",
    "WorkerFunctionName",
  ]);
  expect(outputs["ProtocolVersion"]).toEqual({ Value: String(protocolVersion) });
  expect(outputs["ReservedConcurrency"]).toEqual({ Value: "unreserved" });
});

test("a bucket of the user's is used as it is", () => {
  const template = synthesise({ bucket: "my-data", readBuckets: ["my-data"] });
  template.resourceCountIs("AWS::S3::Bucket", 0);
  template.hasOutput("BucketName", { Value: "my-data" });
  template.hasOutput("KeepsBucket", { Value: "true" });
});

test("two stacks of the same program are the same, byte for byte", () => {
  expect(synthesise().toJSON()).toEqual(synthesise().toJSON());
});

test.each([
  ["AwsSolutions", AwsSolutionsChecks],
  ["Serverless", ServerlessChecks],
])("cdk-nag's %s pack has no findings", (_name, Pack) => {
  for (const backend of [
    {},
    { bucket: "my-data", readBuckets: ["input"], writeBuckets: ["output"] },
  ]) {
    const stack = stackOf(backend);
    const report = new Pack(stack).validateScope(stack);
    expect(
      report.violations.map(({ ruleName, description }) => ({ ruleName, description })),
    ).toEqual([]);
  }
});

test("what cdk-nag was told to accept are these rules, each with its reason", () => {
  const accepted = stackOf()
    .node.findAll()
    .flatMap((construct) => construct.node.metadata)
    .filter((entry) => entry.type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap((entry) => Object.entries(entry.data as Record<string, string>));
  const rules = accepted.map(([id]) => /::([\w-]+)/.exec(id)?.[1]);
  expect([...new Set(rules)].sort()).toEqual([
    "AwsSolutions-IAM5",
    "AwsSolutions-S1",
    "Serverless-LambdaAsyncFailureDestination",
    "Serverless-LambdaDLQ",
    "Serverless-LambdaTracing",
  ]);
  for (const [id, reason] of accepted) expect(reason, id).toMatch(/^[A-Z].{30,}\.$/);
});

test("a wrong option is named at once", () => {
  expect(() => stackOf({ memoryMb: 64 })).toThrow(
    "memoryMb: expected a whole number from 256 to 10240",
  );
  expect(() => stackOf({ timeoutS: 901 })).toThrow("timeoutS");
  expect(() => stackOf({ memory: 1769 } as LambdaskBackendProps)).toThrow(
    'did you mean "memoryMb"',
  );
});

test("a wrong setting of the app is one line, without a trace", () => {
  const app = path.resolve(import.meta.dirname, "../../src/cdk/app.ts");
  const env = { ...process.env, CDK_CONTEXT_JSON: JSON.stringify({ memoryMb: "64" }) };
  const { status, stderr } = spawnSync(process.execPath, [app], { env, encoding: "utf8" });
  expect(stderr).toBe(
    "lambdask: LambdaskBackend: memoryMb: expected a whole number from 256 to 10240, got 64 [BAD_ARGUMENT]\n",
  );
  expect(status).toBe(1);
});

test("a missing worker says how to get it", () => {
  const empty = path.join(folder, "empty");
  fs.mkdirSync(empty, { recursive: true });
  expect(() => stackOf({ workerAsset: empty })).toThrow("npm run build:worker");
});

test("an old Node gets one clear line", () => {
  expect(() => requireNode("20.20.2")).toThrow("Node 20.20.2 is too old: lambdask needs Node 24");
  expect(() => requireNode("24.0.0")).not.toThrow();
});

test("the worker may do exactly this", () => {
  expect(granted(synthesise(), "AWS::IAM::Policy")).toEqual([
    "logs:CreateLogStream WorkerLogs",
    "logs:PutLogEvents WorkerLogs",
    "s3:AbortMultipartUpload Bucket/outputs/*",
    "s3:AbortMultipartUpload Bucket/tmp/*",
    "s3:DeleteObject Bucket/outputs/*",
    "s3:GetObject Bucket/blob/*",
    "s3:GetObject Bucket/inputs/*",
    "s3:GetObject Bucket/keep/*",
    "s3:GetObject Bucket/outputs/*",
    "s3:GetObject Bucket/tmp/*",
    "s3:ListBucket Bucket",
    "s3:PutObject Bucket/outputs/*",
    "s3:PutObject Bucket/tmp/*",
  ]);
});

test("a program that uses the backend may do exactly this", () => {
  const onObjects = ["AbortMultipartUpload", "DeleteObject", "GetObject", "PutObject"].flatMap(
    (action) =>
      [
        "bad",
        "blob",
        "inputs",
        "keep",
        "kept",
        "locks",
        "outputs",
        "published",
        "runs",
        "tmp",
        "variables",
      ]
        // What is kept is copied there, in one request.
        .filter((prefix) => action !== "AbortMultipartUpload" || prefix !== "keep")
        .map((prefix) => `s3:${action} Bucket/${prefix}/*`),
  );
  expect(granted(synthesise(), "AWS::IAM::ManagedPolicy")).toEqual(
    [
      "cloudformation:DescribeStacks AWS::StackId",
      "lambda:GetAccountSettings *",
      "lambda:GetFunctionConcurrency Worker",
      "lambda:InvokeFunction Worker",
      "s3:GetLifecycleConfiguration Bucket",
      "s3:ListBucket Bucket",
      ...onObjects,
    ].sort(),
  );
});

test("buckets of the user's are allowed for reading or writing, and nothing else", () => {
  const template = synthesise({ readBuckets: ["input"], writeBuckets: ["output", "input"] });
  for (const type of ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"]) {
    const theirs = granted(template, type).filter((line) => line.includes("arn:"));
    expect(theirs).toEqual([
      "s3:AbortMultipartUpload arn:AWS::Partition:s3:::input/*",
      "s3:AbortMultipartUpload arn:AWS::Partition:s3:::output/*",
      "s3:DeleteObject arn:AWS::Partition:s3:::input/*",
      "s3:DeleteObject arn:AWS::Partition:s3:::output/*",
      "s3:GetObject arn:AWS::Partition:s3:::input/*",
      "s3:ListBucket arn:AWS::Partition:s3:::input",
      "s3:PutObject arn:AWS::Partition:s3:::input/*",
      "s3:PutObject arn:AWS::Partition:s3:::output/*",
    ]);
  }
});

test("every permission says what it is for", () => {
  const arns = { bucket: "b", worker: "w", stack: "s", logGroup: "l" };
  for (const { why } of [...workerPermissions(arns), ...clientPermissions(arns)]) {
    expect(why.length).toBeGreaterThan(20);
  }
});
