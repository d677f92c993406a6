import { bucketPrefixes } from "../aws/deployment.ts";

/** What one of the two parties may do, and what for. */
export interface Permission {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly why: string;
}

/** The things that permissions are about, as ARNs. */
export interface Arns {
  readonly bucket: string;
  readonly worker: string;
  readonly stack: string;
  /** Ends with `:*`, as CloudFormation gives it: the group's streams. */
  readonly logGroup: string;
}

const { chunks, keptChunks, blobs, inputs, outputs } = bucketPrefixes;

function under(bucket: string, prefixes: readonly string[]): string[] {
  return prefixes.map((prefix) => `${bucket}/${prefix}*`);
}

/** What workers may do with the backend's own things. */
export function workerPermissions(arns: Pick<Arns, "bucket" | "logGroup">): Permission[] {
  return [
    {
      actions: ["s3:GetObject"],
      resources: under(arns.bucket, [chunks, keptChunks, blobs, inputs, outputs]),
      why: "tasks read their inputs, captured data and code, and look whether a list of written files is there",
    },
    {
      actions: ["s3:PutObject"],
      resources: under(arns.bucket, [chunks, outputs]),
      why: "tasks write their outputs, in one piece or in parts, and files for the client's machine",
    },
    {
      actions: ["s3:DeleteObject"],
      resources: under(arns.bucket, [outputs]),
      why: "a task that writes files takes away the list of those that they replace",
    },
    {
      actions: ["s3:AbortMultipartUpload"],
      resources: under(arns.bucket, [chunks, outputs]),
      why: "an output whose task fails half-way leaves no parts behind",
    },
    {
      actions: ["s3:ListBucket"],
      resources: [arns.bucket],
      why: "without it S3 calls a missing object forbidden, and a lost input could not be told from a locked one",
    },
    {
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [arns.logGroup],
      why: "Lambda writes the worker's log lines in its name",
    },
  ];
}

/** What programs that use the backend may do. */
export function clientPermissions(arns: Omit<Arns, "logGroup">): Permission[] {
  const all = Object.values(bucketPrefixes);
  return [
    {
      actions: ["cloudformation:DescribeStacks"],
      resources: [arns.stack],
      why: "the client finds bucket and function by the stack's name",
    },
    {
      actions: ["lambda:InvokeFunction"],
      resources: [arns.worker],
      why: "every task runs in an invocation",
    },
    {
      actions: ["s3:GetObject"],
      resources: under(arns.bucket, all),
      why: "the client reads results and run records",
    },
    {
      actions: ["s3:PutObject"],
      resources: under(arns.bucket, all),
      why: "the client writes captured data, run records and uploaded files, copies what is kept, and sets corrupt chunks aside",
    },
    {
      actions: ["s3:DeleteObject"],
      resources: under(arns.bucket, all),
      why: "the client removes what no run needs, and old run records",
    },
    {
      actions: ["s3:AbortMultipartUpload"],
      resources: under(
        arns.bucket,
        all.filter((prefix) => prefix !== keptChunks),
      ),
      why: "an upload that fails half-way leaves no parts behind",
    },
    {
      actions: ["s3:ListBucket"],
      resources: [arns.bucket],
      why: "a resumed run lists what is there; and S3 calls a missing object missing, not forbidden",
    },
    {
      actions: ["s3:GetLifecycleConfiguration"],
      resources: [arns.bucket],
      why: "`lambdask doctor` checks that scratch objects are removed",
    },
    {
      actions: ["lambda:GetFunctionConcurrency"],
      resources: [arns.worker],
      why: "`lambdask doctor` shows how many workers may run at once",
    },
    {
      actions: ["lambda:GetAccountSettings"],
      resources: ["*"],
      why: "`lambdask doctor` shows the account's concurrency; the action knows no resource",
    },
  ];
}
