import path from "node:path";
import type { Backend } from "../backend/backend.ts";
import { realClock } from "../backend/real-clock.ts";
import { FileRunStore } from "../local/file-run-store.ts";
import { connectS3 } from "../sources/s3-client.ts";
import { UserSources } from "../sources/user-sources.ts";
import type { FoundOptions } from "./aws-options.ts";
import { type Deployment, scratchMsMax } from "./deployment.ts";
import { findDeployment } from "./find-deployment.ts";
import { InputFiles } from "./input-files.ts";
import { LambdaInvoker } from "./lambda-invoker.ts";
import { messageBytesMax } from "./lambda-payload.ts";
import type { LambdaPort } from "./lambda-port.ts";
import { lambdaSdk } from "./lambda-sdk.ts";
import { placeOf } from "./place.ts";
import { RequestCounts } from "./request-counts.ts";
import { S3RunStore } from "./s3-run-store.ts";
import { S3Store } from "./s3-store.ts";
import { functionMemory } from "./worker-memory.ts";

/** Functions at once if nothing is reserved and nothing is said: a quarter of a usual account's. */
const concurrencyDefault = 250;
/** A warm call within the region, both ways. */
const invocationOverheadMs = 30;
/** Left of a function's time for its start and its reply. */
const marginMs = 2000;

/** Finds a deployment and opens it. */
export async function openAws(options: FoundOptions): Promise<Backend> {
  const place = placeOf(options);
  const deployment =
    options.deployment ?? (await findDeployment({ stack: options.stack, ...place }));
  const requests = new RequestCounts();
  const buckets = { ...place, onRequest: requests.s3 };
  const s3 = connectS3(buckets);
  const port = requests.of(lambdaSdk(place));
  const invoker = invokerOf(deployment, { port, concurrency: options.concurrency });
  const bucket = s3.bucket(deployment.bucketName);
  const local = new FileRunStore(journalFolder(options, deployment));
  const runs = new S3RunStore({ bucket, local, clock: realClock });
  const sources = new UserSources(process.cwd(), buckets);
  const aging = { clock: realClock, ageMsMax: scratchMsMax(deployment) };
  const inputs = new InputFiles({ bucket, sources, ...aging });
  return {
    name: "aws",
    store: new S3Store(bucket, aging),
    runs,
    sources,
    takeFiles: (files) => inputs.take(files),
    invoker,
    clock: realClock,
    needsBundles: true,
    limits: {
      ...functionMemory(deployment.memoryMb),
      payloadBytesMax: messageBytesMax,
      invocationMsMax: functionMs(deployment),
      invocationOverheadMs,
    },
    requests: () => requests.read(),
    settings: settingsOf(options),
    random: Math.random,
    close: async () => {
      await invoker.close();
      await runs.close();
      local.close();
      sources.close();
      s3.close();
    },
  };
}

/** Beside the chunks of local runs: what a journal says belongs to one bucket. */
function journalFolder({ store }: FoundOptions, { bucketName }: Deployment): string {
  return path.resolve(store, "aws", bucketName);
}

/** The options as settings, for the records of runs. */
function settingsOf({
  store,
  stack,
  region,
  endpoint,
  concurrency,
}: FoundOptions): Record<string, unknown> {
  const all = {
    store,
    "aws.stack": stack,
    "aws.region": region,
    "aws.endpoint": endpoint,
    "aws.concurrency": concurrency,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function invokerOf(
  deployment: Deployment,
  options: { readonly port: LambdaPort; readonly concurrency: number | undefined },
): LambdaInvoker {
  const { workerFunctionName, memoryMb, reservedConcurrency } = deployment;
  const { port, concurrency = reservedConcurrency ?? concurrencyDefault } = options;
  return new LambdaInvoker({
    port,
    functionName: workerFunctionName,
    concurrency,
    memoryBytes: memoryMb * 2 ** 20,
    functionMsMax: functionMs(deployment),
  });
}

function functionMs({ timeoutS }: Deployment): number {
  return Math.max(1000, timeoutS * 1000 - marginMs);
}
