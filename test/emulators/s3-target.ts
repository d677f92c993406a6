import { randomUUID } from "node:crypto";
import { useEmulatorCredentials } from "./builtin/s3-buckets.ts";
import { startS3 } from "./builtin/s3-server.ts";

/** A server that speaks S3, and a name for a bucket that no other test uses. */
export interface S3Target extends AsyncDisposable {
  readonly name: string;
  /** `undefined`: the real service. */
  readonly endpoint: string | undefined;
  readonly bucket: string;
}

/** The server that `EMULATOR` names: one of our own unless it is running already. */
export async function s3Target(): Promise<S3Target> {
  const name = process.env["EMULATOR"] ?? "builtin";
  const bucket = `lambdask-test-${randomUUID()}`;
  if (name !== "builtin") {
    const endpoint = process.env["AWS_ENDPOINT_URL"];
    return { name, endpoint, bucket, [Symbol.asyncDispose]: async () => {} };
  }
  useEmulatorCredentials();
  const { endpoint, ...running } = await startS3();
  return { name, endpoint, bucket, [Symbol.asyncDispose]: running[Symbol.asyncDispose] };
}
