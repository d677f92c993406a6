import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { type BucketReference, bucketOf } from "./backend-props.ts";
import type { Permission } from "./permissions.ts";

/** Reading the user's own buckets by `s3://` URLs. */
export function readPermissions(
  scope: Construct,
  buckets: readonly BucketReference[],
): Permission[] {
  return buckets
    .map((reference) => bucketOf(scope, reference))
    .flatMap((bucket) => [
      {
        actions: ["s3:GetObject"],
        resources: [bucket.arnForObjects("*")],
        why: "programs read the user's own files",
      },
      {
        actions: ["s3:ListBucket"],
        resources: [bucket.bucketArn],
        why: "a glob or a prefix is a listing",
      },
    ]);
}

/** Writing to the user's own buckets by `s3://` URLs. */
export function writePermissions(
  scope: Construct,
  buckets: readonly BucketReference[],
): Permission[] {
  return buckets
    .map((reference) => bucketOf(scope, reference))
    .flatMap((bucket) => [
      {
        actions: ["s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject"],
        resources: [bucket.arnForObjects("*")],
        why: "programs write the user's own files, and take away what they replace",
      },
    ]);
}

/** Permissions as statements of a policy. */
export function statements(permissions: readonly Permission[]): PolicyStatement[] {
  return permissions.map(
    ({ actions, resources }) =>
      new PolicyStatement({ actions: [...actions], resources: [...resources] }),
  );
}
