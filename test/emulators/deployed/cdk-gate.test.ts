import { GetFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { HeadBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import type { Deployment } from "../../../src/aws/deployment.ts";
import { findDeployment } from "../../../src/aws/find-deployment.ts";
import { awsBackend } from "../../../src/aws.ts";
import { fromSequence } from "../../../src/bag.ts";
import { connect } from "../../../src/index.ts";
import { cdk } from "../server/cdk.ts";
import { lambdask } from "./command-line.ts";
import { namesOf } from "./left-behind.ts";

/** Not the region of the other tests: here nothing has been deployed yet, not even the CDK's own things. */
const region = "eu-central-1";
const stack = "LambdaskGate";
const place = ["--stack", stack, "--region", region];
const small = ["--timeout-s", "60", "--reserved-concurrency", "2", "--yes"];
const endpoint = process.env["AWS_ENDPOINT_URL"];
const where = { region, ...(endpoint === undefined ? {} : { endpoint }) };

let deployed: Deployment;
let before: readonly string[] = [];

test("bootstrap and deploy", async () => {
  await cdk(["bootstrap", `aws://000000000000/${region}`]);
  before = await namesOf(region);
  const { code, text } = await lambdask("deploy", ...place, ...small, "--memory-mb", "512");
  expect(code, text).toBe(0);
  expect(text).toContain(`awsBackend({ stack: "${stack}", region: "${region}" })`);
  deployed = await findDeployment({ stack, ...where });
  expect(deployed).toMatchObject({ memoryMb: 512, timeoutS: 60, reservedConcurrency: 2 });
});

test("the library computes by the stack's name", async () => {
  await using _client = await connect({ backend: awsBackend({ stack, region }), progress: "none" });
  const word = "abracadabra";
  const counts = await fromSequence([...word], { partitions: 3 })
    .frequencies()
    .compute();
  const counted = new Map<string, number>();
  for (const letter of word) counted.set(letter, (counted.get(letter) ?? 0) + 1);
  expect(new Map(counts)).toEqual(counted);
});

test("the doctor finds nothing bad", async () => {
  const { code, text } = await lambdask("doctor", ...place);
  expect(code, text).toBe(0);
  expect(text).toMatch(/^ok +put if absent +the second writer is refused$/m);
  expect(text).toMatch(
    /^ok +round trips +first task \d+ ms \((warm|of them \d+ for a cold start)\), second \d+ ms$/m,
  );
  // The emulators' CloudFormation leaves the bucket's rules out.
  expect(text).toMatch(
    /^look +lifecycle +no rule removes|^ok +lifecycle +scratch is removed after 7 days$/m,
  );
});

test("deploying again changes nothing", async () => {
  const { code, text } = await lambdask("deploy", ...place, ...small, "--memory-mb", "512");
  expect(code, text).toBe(0);
  expect(text).toContain("(no changes)");
});

test("a change is deployed, and programs see it", async () => {
  const { code, text } = await lambdask("deploy", ...place, ...small, "--memory-mb", "640");
  expect(code, text).toBe(0);
  await using _client = await connect({ backend: awsBackend({ stack, region }), progress: "none" });
  const sum = fromSequence([1, 2, 3, 4], { partitions: 2 }).map(
    (n) => n + Number(process.env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]),
  );
  expect(await sum.compute()).toEqual([641, 642, 643, 644]);
});

test("what no run needs is shown first, and removed when asked to", async () => {
  const s3 = new S3Client({ ...where, forcePathStyle: true });
  const Key = "bad/version/tmp/aa/chunk";
  await s3.send(new PutObjectCommand({ Bucket: deployed.bucketName, Key, Body: "wrong" }));
  const shown = await lambdask("gc", ...place, "--older-than-days", "0");
  expect(shown.text).toMatch(/^corrupt chunks +1 objects/m);
  expect(shown.text).toContain("add --delete to remove it");
  const removed = await lambdask("gc", ...place, "--older-than-days", "0", "--delete");
  expect(removed.text).toMatch(/^removed [1-9]\d* objects$/m);
  const again = await lambdask("gc", ...place, "--older-than-days", "0");
  expect(again.text).toContain("nothing to remove");
});

test("destroying asks first, and leaves nothing behind", async () => {
  const unasked = await lambdask("destroy", ...place);
  expect(unasked.code).toBe(1);
  expect(unasked.text).toContain("say --yes if it is meant");
  const ofStack = (await namesOf(region)).filter((name) => !before.includes(name));
  const { code, text } = await lambdask("destroy", ...place, "--yes");
  expect(code, text).toBe(0);
  const statusOf = (error: unknown): unknown =>
    (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  const s3 = new S3Client({ ...where, forcePathStyle: true });
  const lambda = new LambdaClient(where);
  const { bucketName: Bucket, workerFunctionName: FunctionName } = deployed;
  const gone = await Promise.all([
    s3.send(new HeadBucketCommand({ Bucket })).then(() => "there", statusOf),
    lambda.send(new GetFunctionCommand({ FunctionName })).then(() => "there", statusOf),
  ]);
  expect(gone).toEqual([404, 404]);
  // Its log group, its role and its policies are gone as well.
  expect(ofStack.length).toBeGreaterThanOrEqual(3);
  expect((await namesOf(region)).toSorted()).toEqual(before.toSorted());
  await expect(findDeployment({ stack, ...where })).rejects.toThrow(
    `none of this name in ${region}`,
  );
  const { code: asked, text: answer } = await lambdask("doctor", ...place);
  expect(asked).toBe(1);
  expect(answer).toContain("npx lambdask deploy");
});
