import os from "node:os";
import { workerEnvironment } from "../../src/aws/deployment.ts";
import { decodePayload, encodePayload, messageBytesMax } from "../../src/aws/lambda-payload.ts";
import { S3Store } from "../../src/aws/s3-store.ts";
import { UploadedFiles } from "../../src/aws/uploaded-files.ts";
import { functionMemory } from "../../src/aws/worker-memory.ts";
import { cacheBytes } from "../../src/backend/reserved-memory.ts";
import { connectS3 } from "../../src/sources/s3-client.ts";
import { UserSources } from "../../src/sources/user-sources.ts";
import { CachingStore } from "../../src/worker/caching-store.ts";
import { LocalCopies } from "../../src/worker/local-copies.ts";
import { RemoteWorker } from "../../src/worker/remote-worker.ts";

const { env } = process;
const memory = functionMemory(Number(env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]));
const bytesMax = cacheBytes(memory.workerMemoryBytes);
const bucket = connectS3().bucket(env[workerEnvironment.bucket] ?? "");
const store = new S3Store(bucket);
const worker = new RemoteWorker({
  store: new CachingStore(store, { bytesMax, objectBytesMax: bytesMax / 8 }),
  copies: new LocalCopies(store, `${os.tmpdir()}/lambdask-copies`),
  sources: new UploadedFiles(bucket, new UserSources(process.cwd())),
  blobFolder: `${os.tmpdir()}/lambdask-blobs`,
  memoryBytes: memory.workerMemoryBytes,
  reservedMemoryBytes: memory.reservedMemoryBytes,
  replyBytesMax: messageBytesMax,
});
worker.takeProcess();

/** Runs the tasks of one message and answers with their results. */
export async function handler(
  payload: unknown,
  context: { getRemainingTimeInMillis(): number },
): Promise<string> {
  const read = decodePayload(payload);
  // What this worker speaks is in front of any reply; an empty one says no more than that.
  if (read.kind === "other-protocol") return encodePayload(new Uint8Array());
  return encodePayload(await worker.answer(read.bytes, context.getRemainingTimeInMillis()));
}
