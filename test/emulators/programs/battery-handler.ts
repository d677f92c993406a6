// What the battery of Lambda cases calls: it does as the event says.
import { randomUUID } from "node:crypto";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

interface Event {
  readonly does: string;
  readonly value?: unknown;
  readonly ms?: number;
  readonly bytes?: number;
  readonly bucket?: string;
  readonly key?: string;
}

interface Context {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  getRemainingTimeInMillis(): number;
}

const s3 = new S3Client({ forcePathStyle: true });
const environment = randomUUID();
let calls = 0;

class ShapeError extends Error {
  override readonly name = "ShapeError";
}

const wait = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const actions: Readonly<Record<string, (event: Event, context: Context) => unknown>> = {
  echo: ({ value }) => value,
  nothing: () => undefined,
  context: (_, context) => ({
    requestId: context.awsRequestId,
    name: context.functionName,
    arn: context.invokedFunctionArn,
    memory: String(context.memoryLimitInMB),
    leftMs: context.getRemainingTimeInMillis(),
    setting: process.env["SETTING"],
    handler: process.env["_HANDLER"],
    root: process.env["LAMBDA_TASK_ROOT"] === process.cwd(),
    calls,
    environment,
  }),
  wait: async ({ ms }) => {
    await wait(ms);
    return environment;
  },
  throw: () => {
    throw new ShapeError("bad shape");
  },
  rejectText: () => Promise.reject("just a text"),
  exit: () => process.exit(3),
  exitLater: () => {
    setTimeout(() => process.exit(3), 50);
    return "answered";
  },
  useMemory: () => {
    const held: Buffer[] = [];
    for (;;) held.push(Buffer.alloc(16 * 2 ** 20, 1));
  },
  rejectUnseen: async () => {
    void Promise.reject(new Error("unseen"));
    await wait(500);
    return "survived";
  },
  large: ({ bytes }) => "x".repeat(bytes ?? 0),
  print: ({ value }) => {
    console.log("printed", value);
    return "printed";
  },
  race: async ({ bucket, key }) => {
    const put = { Bucket: bucket, Key: key, Body: environment, IfNoneMatch: "*" };
    try {
      await s3.send(new PutObjectCommand(put));
      return "won";
    } catch (error) {
      const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata;
      return status?.httpStatusCode === 412 ? "lost" : String(error);
    }
  },
  read: async ({ bucket, key }) => {
    const command = new GetObjectCommand({ Bucket: bucket, Key: key, Range: "bytes=1-3" });
    return (await s3.send(command)).Body?.transformToString();
  },
  put: async ({ bucket, key }, { awsRequestId }) => {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${key}${awsRequestId}`, Body: "" }));
  },
  putAndThrow: async ({ bucket, key }) => {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${key}${randomUUID()}`, Body: "" }));
    throw new ShapeError("after the write");
  },
};

/** Does what the event says. */
export async function handler(event: unknown, context: Context): Promise<unknown> {
  calls += 1;
  const asked = event as Partial<Event> | null;
  const action = typeof asked?.does === "string" ? actions[asked.does] : undefined;
  return action === undefined ? { unknown: event } : await action(asked as Event, context);
}
