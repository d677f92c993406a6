import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { buildWorker } from "../../scripts/build-worker.ts";
import { awsBackend } from "../../src/aws/aws-backend.ts";
import type { AwsOptions } from "../../src/aws/aws-options.ts";
import { type Deployment, workerEnvironment, workerHandler } from "../../src/aws/deployment.ts";
import type { LazyBackend } from "../../src/backend/backend.ts";
import { protocolVersion } from "../../src/backend/task.ts";
import { type RunningAws, startAws } from "./builtin/aws-server.ts";
import type { LambdaFunction } from "./builtin/lambda-function.ts";
import { useEmulatorCredentials } from "./builtin/s3-buckets.ts";

/** A deployed worker on the builtin emulator, in a bucket of its own. */
export interface BuiltinCloud extends AsyncDisposable {
  readonly aws: RunningAws;
  readonly worker: LambdaFunction;
  readonly deployment: Deployment;
  backend(options?: AwsOptions): LazyBackend;
}

/** What the worker function is deployed with. */
export interface CloudSettings {
  readonly memoryMb?: number;
  readonly timeoutS?: number;
  /** Environments at once. */
  readonly concurrency?: number;
}

const bucketName = "lambdask-test";
const workerFunctionName = "lambdask-worker";

/** Builds the worker once per test file and deploys it to servers of its own. */
export async function builtinCloud(settings: CloudSettings = {}): Promise<BuiltinCloud> {
  useEmulatorCredentials();
  const { memoryMb = 512, timeoutS = 60, concurrency = 2 } = settings;
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-cloud-"));
  const { folder } = await buildWorker(path.join(root, "worker"));
  const store = path.join(root, "store");
  const aws = await startAws();
  aws.s3.createBucket(bucketName);
  const worker = aws.lambda.deploy({
    name: workerFunctionName,
    folder,
    handler: workerHandler,
    memoryMb,
    timeoutS,
    reservedConcurrency: concurrency,
    variables: { [workerEnvironment.bucket]: bucketName, AWS_ENDPOINT_URL: aws.endpoint },
  });
  const deployment: Deployment = {
    bucketName,
    workerFunctionName,
    protocolVersion,
    memoryMb,
    timeoutS,
    reservedConcurrency: concurrency,
    scratchDays: 7,
  };
  return {
    aws,
    worker,
    deployment,
    backend: (options) => awsBackend({ endpoint: aws.endpoint, deployment, store, ...options }),
    [Symbol.asyncDispose]: async () => {
      await aws[Symbol.asyncDispose]();
      fs.rmSync(root, { recursive: true, force: true });
    },
  };
}
