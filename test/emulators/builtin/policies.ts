import {
  clientPermissions,
  type Permission,
  workerPermissions,
} from "../../../src/cdk/permissions.ts";
import { type AnsweredRequest, workerKey } from "./request-log.ts";

/** The bucket and the function of a stack. */
export interface StackNames {
  readonly bucketName: string;
  readonly workerFunctionName: string;
}

/** One action on one resource, and who needs it. */
export interface Need {
  readonly party: "client" | "worker";
  readonly action: string;
  readonly resource: string;
}

/** What an operation needs where its action is not called like it. */
const actions: Readonly<Record<string, string>> = {
  "s3:HeadObject": "s3:GetObject",
  "s3:ListObjectsV2": "s3:ListBucket",
  "s3:HeadBucket": "s3:ListBucket",
  "s3:CreateMultipartUpload": "s3:PutObject",
  "s3:UploadPart": "s3:PutObject",
  "s3:CompleteMultipartUpload": "s3:PutObject",
  "s3:DeleteObjects": "s3:DeleteObject",
  "s3:CopyObject": "s3:PutObject",
  "lambda:Invoke": "lambda:InvokeFunction",
};

/** What both parties of a stack may do, as its templates grant it. */
export function granted({
  bucketName,
  workerFunctionName,
}: StackNames): Readonly<Record<Need["party"], readonly Permission[]>> {
  const bucket = `arn:aws:s3:::${bucketName}`;
  const worker = `arn:aws:lambda:us-east-1:000000000000:function:${workerFunctionName}`;
  return {
    client: clientPermissions({ bucket, worker, stack: "stack" }),
    worker: workerPermissions({ bucket, logGroup: "log-group" }),
  };
}

/** What requests about a stack's own things need. Other buckets are the user's, who grants what is read of them. */
export function needsOf(requests: readonly AnsweredRequest[], names: StackNames): Need[] {
  const bucket = `arn:aws:s3:::${names.bucketName}`;
  return requests
    .filter(({ service, resource }) => service !== "s3" || `${resource}/`.startsWith(`${bucket}/`))
    .flatMap(({ caller, service, operation, resource, named, reads }) => {
      const word = `${service}:${operation}`;
      const party = caller === workerKey ? "worker" : "client";
      // Of a batch that was refused before it was read, nobody knows what it named.
      const about = named ?? (operation === "DeleteObjects" ? [] : [resource]);
      return [
        ...about.map((each): Need => ({ party, action: actions[word] ?? word, resource: each })),
        ...(reads === undefined
          ? []
          : [{ party, action: "s3:GetObject", resource: reads } as const]),
      ];
    });
}

/** True if a permission covers the need. */
export function covers(permission: Permission, { action, resource }: Need): boolean {
  return (
    permission.actions.includes(action) &&
    permission.resources.some((pattern) =>
      pattern.endsWith("*") ? resource.startsWith(pattern.slice(0, -1)) : resource === pattern,
    )
  );
}

/** The needs of requests that no permission covers, each once, for people. */
export function forbidden(requests: readonly AnsweredRequest[], names: StackNames): string[] {
  const permissions = granted(names);
  const missing = needsOf(requests, names).filter(
    (need) => !permissions[need.party].some((permission) => covers(permission, need)),
  );
  return [...new Set(missing.map((need) => `${need.party}: ${need.action} ${need.resource}`))];
}
