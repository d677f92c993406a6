import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { buildWorker } from "../../scripts/build-worker.ts";
import { awsBackend } from "../../src/aws/aws-backend.ts";
import type { AwsOptions } from "../../src/aws/aws-options.ts";
import { type Deployment, workerEnvironment, workerHandler } from "../../src/aws/deployment.ts";
import type { LazyBackend } from "../../src/backend/backend.ts";
import type { ObjectBucket } from "../../src/backend/object-bucket.ts";
import { protocolVersion } from "../../src/backend/task.ts";
import { connectS3 } from "../../src/sources/s3-client.ts";
import { type RunningAws, startAws } from "./builtin/aws-server.ts";
import type { LambdaFunction } from "./builtin/lambda-function.ts";
import { forbidden } from "./builtin/policies.ts";
import { useEmulatorCredentials } from "./builtin/s3-buckets.ts";
import type { BucketObjects } from "./builtin/s3-objects.ts";

/** A deployed worker on the builtin emulator. */
export interface BuiltinCloud extends AsyncDisposable {
  readonly aws: RunningAws;
  /** The worker function, for looking at what it did and for ending its processes. */
  readonly worker: LambdaFunction;
  /** What lies in the stack's bucket. */
  readonly bucket: BucketObjects;
  readonly deployment: Deployment;
  readonly options: AwsOptions;
  backend(options?: AwsOptions): LazyBackend;
  /** The same objects as clients see them. */
  objects(): Promise<ObjectBucket>;
  /** Empties the bucket, forgets all requests, and deploys the worker anew. */
  fresh(settings?: CloudSettings): Promise<void>;
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
const defaults = { memoryMb: 512, timeoutS: 60, concurrency: 2 };

/** Builds the worker and deploys it to servers of its own. */
export async function builtinCloud(settings: CloudSettings = {}): Promise<BuiltinCloud> {
  useEmulatorCredentials();
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-cloud-"));
  const { folder } = await buildWorker(path.join(root, "worker"));
  const cloud = new Cloud(root, folder, await startAws());
  await cloud.fresh(settings);
  return cloud;
}

class Cloud implements BuiltinCloud {
  readonly aws: RunningAws;
  readonly #root: string;
  readonly #folder: string;
  #settings: Required<CloudSettings> = defaults;
  #starts = 0;

  constructor(root: string, folder: string, aws: RunningAws) {
    this.#root = root;
    this.#folder = folder;
    this.aws = aws;
  }

  get worker(): LambdaFunction {
    const worker = this.aws.lambda.function(workerFunctionName);
    if (worker === undefined) throw new Error("the worker is not deployed");
    return worker;
  }

  get bucket(): BucketObjects {
    return this.aws.s3.bucket(bucketName);
  }

  get deployment(): Deployment {
    const { memoryMb, timeoutS, concurrency } = this.#settings;
    const names = { bucketName, workerFunctionName };
    const reservedConcurrency = concurrency;
    return { ...names, protocolVersion, memoryMb, timeoutS, reservedConcurrency, scratchDays: 7 };
  }

  get options(): AwsOptions {
    const store = path.join(this.#root, `store-${this.#starts}`);
    return { endpoint: this.aws.endpoint, deployment: this.deployment, store };
  }

  backend(options?: AwsOptions): LazyBackend {
    return awsBackend({ ...this.options, ...options });
  }

  async objects(): Promise<ObjectBucket> {
    return connectS3({ endpoint: this.aws.endpoint }).bucket(bucketName);
  }

  async fresh(settings: CloudSettings = {}): Promise<void> {
    this.#checkPermissions();
    await this.aws.lambda.function(workerFunctionName)?.close();
    this.#settings = { ...defaults, ...settings };
    this.#starts += 1;
    this.aws.s3.faults = () => undefined;
    this.aws.lambda.faults = () => undefined;
    this.aws.s3.createBucket(bucketName);
    this.aws.log.clear();
    const { concurrency: reservedConcurrency, ...limits } = this.#settings;
    this.aws.lambda.deploy({
      ...limits,
      name: workerFunctionName,
      folder: this.#folder,
      handler: workerHandler,
      reservedConcurrency,
      variables: { [workerEnvironment.bucket]: bucketName, AWS_ENDPOINT_URL: this.aws.endpoint },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.aws[Symbol.asyncDispose]();
    fs.rmSync(this.#root, { recursive: true, force: true });
    this.#checkPermissions();
  }

  /** Nothing enforces the policies of a stack here, so that whatever a test did is held against them. */
  #checkPermissions(): void {
    const missing = forbidden(this.aws.log.requests, this.deployment);
    if (missing.length > 0) throw new Error(`no policy allows ${missing.join(", ")}`);
  }
}
