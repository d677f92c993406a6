import { awsBackend } from "../aws/aws-backend.ts";
import { bucketPrefixes } from "../aws/deployment.ts";
import { LambdaInvoker } from "../aws/lambda-invoker.ts";
import type { Invoker } from "../backend/invoker.ts";
import type { ObjectBucket } from "../backend/object-bucket.ts";
import { connect } from "../client/connect.ts";
import type { Finding } from "./check-list.ts";
import type { FoundStack } from "./place.ts";

/** Writes the same object twice under "if absent": what all correctness rests on. */
export async function conditionalPut(bucket: ObjectBucket): Promise<Finding> {
  const key = `${bucketPrefixes.chunks}doctor/${crypto.randomUUID()}`;
  const write = { key, condition: { absent: true } } as const;
  try {
    const first = await bucket.put(write, new Uint8Array([1]));
    const second = await bucket.put(write, new Uint8Array([2]));
    if (first.kind === "written" && second.kind === "refused") {
      return { kind: "good", what: "the second writer is refused" };
    }
    const what = `the first write was ${first.kind}, the second ${second.kind}`;
    return { kind: "bad", what, fix: "use a store that knows conditional writes, as S3 does" };
  } finally {
    await bucket.deleteAll([key]);
  }
}

/** What programs of this folder set up (by `lambdask.config.ts`) has no part in whether the stack works. */
const noHooks = { setUpWorker: () => {}, setUpClient: () => {} };

/** One task twice: the first may find no worker started, the second does. */
export async function roundTrips({
  stack,
  place,
}: Pick<FoundStack, "stack" | "place">): Promise<Finding> {
  const backend = await awsBackend({ stack, ...place }).open();
  await using client = await connect({ backend, progress: "none", ...noHooks });
  const trip = async (what: string): Promise<number> => {
    const started = performance.now();
    await client.submit((said: string) => said, what).result();
    return performance.now() - started;
  };
  const first = await trip("are you there?");
  const second = await trip("still there?");
  const start = coldStartMs(backend.invoker);
  const how = start === undefined ? "warm" : `of them ${start.toFixed(0)} for a cold start`;
  return {
    kind: "good",
    what: `first task ${first.toFixed(0)} ms (${how}), second ${second.toFixed(0)} ms`,
  };
}

/** How long the first environment took to be ready; `undefined` if it was there. */
function coldStartMs(invoker: Invoker): number | undefined {
  return invoker instanceof LambdaInvoker
    ? invoker.environments.measures.coldStartMs[0]
    : undefined;
}
