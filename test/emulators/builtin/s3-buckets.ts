import type { ObjectBucket } from "../../../src/backend/object-bucket.ts";
import { connectS3, type S3Options } from "../../../src/sources/s3-client.ts";
import { type RunningS3, type S3ServerOptions, startS3 } from "./s3-server.ts";

/** A server and a connection to it. */
export interface S3Buckets extends RunningS3 {
  /** A bucket of its own for each call. */
  bucket(): ObjectBucket;
  /** A bucket by name, whether it is there or not. */
  open(name: string): ObjectBucket;
}

/** The credentials that the emulators take, where the SDK looks for them. */
export function useEmulatorCredentials(): void {
  process.env["AWS_ACCESS_KEY_ID"] = "test";
  process.env["AWS_SECRET_ACCESS_KEY"] = "test";
  process.env["AWS_REGION"] = "us-east-1";
}

/** Starts a server and connects to it. */
export async function s3Buckets(
  server: S3ServerOptions = {},
  options: S3Options = {},
): Promise<S3Buckets> {
  useEmulatorCredentials();
  const running = await startS3(server);
  const connection = connectS3({ ...options, endpoint: running.endpoint });
  let buckets = 0;
  return {
    ...running,
    bucket: () => {
      buckets += 1;
      const name = `bucket-${buckets}`;
      running.emulator.createBucket(name);
      return connection.bucket(name);
    },
    open: (name) => connection.bucket(name),
    [Symbol.asyncDispose]: async () => {
      connection.close();
      await running[Symbol.asyncDispose]();
    },
  };
}
