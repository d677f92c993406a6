import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll } from "vitest";
import { awsBackend } from "../../src/aws/aws-backend.ts";
import type { AwsOptions } from "../../src/aws/aws-options.ts";
import { findDeployment } from "../../src/aws/find-deployment.ts";
import type { LazyBackend } from "../../src/backend/backend.ts";
import type { ObjectBucket } from "../../src/backend/object-bucket.ts";
import { type Client, connect } from "../../src/index.ts";
import { connectS3 } from "../../src/sources/s3-client.ts";
import { builtinCloud, type CloudSettings } from "./builtin-cloud.ts";

/** A deployed worker, wherever it is. */
export interface Cloud extends AsyncDisposable {
  /** What `awsBackend` needs to find it, also in another process. */
  readonly options: AwsOptions;
  backend(options?: AwsOptions): LazyBackend;
  /** The objects of the stack's bucket. */
  objects(): Promise<ObjectBucket>;
}

/**
 * The cloud that `EMULATOR` names: one of our own, deployed as `settings` say; else the stack that whoever started the
 * emulator has deployed to it and named in `LAMBDASK_TEST_STACK`.
 */
export async function openCloud(settings: CloudSettings = {}): Promise<Cloud> {
  const name = process.env["EMULATOR"] ?? "builtin";
  if (name === "builtin") return await builtinCloud(settings);
  const stack = process.env["LAMBDASK_TEST_STACK"];
  if (stack === undefined) throw new Error(`EMULATOR=${name} without LAMBDASK_TEST_STACK`);
  const store = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-cloud-"));
  return {
    options: { stack, store },
    backend: (options) => awsBackend({ stack, store, ...options }),
    objects: async () => connectS3().bucket((await findDeployment({ stack })).bucketName),
    [Symbol.asyncDispose]: async () => fs.rmSync(store, { recursive: true, force: true }),
  };
}

/** One client on the cloud for a test file, which everything in it computes on. */
export function cloudClient(settings: CloudSettings = {}): { readonly current: Client } {
  let open: { readonly cloud: Cloud; readonly client: Client } | undefined;
  beforeAll(async () => {
    const cloud = await openCloud(settings);
    open = { cloud, client: await connect({ backend: cloud.backend(), progress: "none" }) };
  });
  afterAll(async () => {
    await open?.client.close();
    await open?.cloud[Symbol.asyncDispose]();
  });
  return {
    get current() {
      if (open === undefined) throw new Error("the client is not there yet");
      return open.client;
    },
  };
}
