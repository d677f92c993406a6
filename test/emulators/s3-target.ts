import { randomUUID } from "node:crypto";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { ObjectBucket } from "../../src/backend/object-bucket.ts";
import { connectS3 } from "../../src/sources/s3-client.ts";
import { useEmulatorCredentials } from "./builtin/s3-buckets.ts";
import { startS3 } from "./builtin/s3-server.ts";

/** A server that speaks S3. */
export interface S3Target extends AsyncDisposable {
  /** For people: `builtin`, `localstack`. */
  readonly name: string;
  /** The SDK's client of it, one try per request. */
  readonly client: S3Client;
  /** A bucket of its own for each call. */
  bucket(): Promise<ObjectBucket>;
}

/** The server that `EMULATOR` names: one of our own unless it is running already. */
export async function s3Target(): Promise<S3Target> {
  const name = process.env["EMULATOR"] ?? "builtin";
  const own = name === "builtin" ? await startS3() : undefined;
  if (own !== undefined) useEmulatorCredentials();
  const endpoint = own?.endpoint ?? process.env["AWS_ENDPOINT_URL"];
  const address = endpoint === undefined ? {} : { endpoint };
  const client = new S3Client({
    ...address,
    forcePathStyle: endpoint !== undefined,
    maxAttempts: 1,
  });
  const connection = connectS3(address);
  const made: ObjectBucket[] = [];
  return {
    name,
    client,
    bucket: async () => {
      const bucket = connection.bucket(`lambdask-test-${randomUUID()}`);
      await client.send(new CreateBucketCommand({ Bucket: bucket.name }));
      made.push(bucket);
      return bucket;
    },
    [Symbol.asyncDispose]: async () => {
      for (const bucket of own === undefined ? made : []) await emptied(bucket);
      connection.close();
      client.destroy();
      await own?.[Symbol.asyncDispose]();
    },
  };
}

async function emptied(bucket: ObjectBucket): Promise<void> {
  await bucket.deleteAll(await Array.fromAsync(bucket.list(""), ({ key }) => key));
}
